// Puts text between the two markers of a page; what is outside of them is written by hand. Pure.

const begin = '<!-- measured: written by scripts/bench peers -->'
const end = '<!-- /measured -->'

export const withMeasured = (page: string, measured: string): string => {
  const [before, rest, ...more] = page.split(begin)
  const [, after, ...others] = (rest ?? '').split(end)
  if (before === undefined || after === undefined || more.length > 0 || others.length > 0)
    throw new Error(`the page must have "${begin}" and, after it, "${end}", each once`)
  return `${before}${begin}\n\n${measured.trim()}\n\n${end}${after}`
}
