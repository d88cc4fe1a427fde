// What a changelog in XML, YAML or JSON includes, where it does nothing else. Whatever is not read for certain is a reason to refuse
// it: a part that is left out would be a changeset that never runs.

export type Include = {
  readonly kind: 'file' | 'folder'
  readonly path: string
  /** To the changelog itself. */
  readonly isRelative: boolean
}

/** In their order; or why it is not certain. */
export const includesIn = (entry: string, text: string): readonly Include[] | string => {
  const content = text.replace(/^\uFEFF/, '')
  const items = entry.endsWith('.xml')
    ? itemsOfXml(content)
    : entry.endsWith('.json')
      ? itemsOfJson(content)
      : itemsOfYaml(content)
  if (typeof items === 'string') return items
  const includes: Include[] = []
  for (const { name, values } of items) {
    const include = includeOf(name, values)
    if (typeof include === 'string') return include
    includes.push(include)
  }
  return includes
}

type Item = { readonly name: string; readonly values: Readonly<Record<string, string>> }

const notRead = 'is not a changelog that schemagate can read'

const includeOf = (name: string, values: Item['values']): Include | string => {
  if (name !== 'include' && name !== 'includeAll')
    return `has ${name}, and schemagate reads only include and includeAll of it`
  const { file, path, relativeToChangelogFile = 'false', ...others } = values
  const [other] = Object.keys(others).filter((each) => !each.startsWith('errorIfMissing'))
  if (other !== undefined) return `has ${name} with ${other}, which only Liquibase follows`
  const target = name === 'include' ? file : path
  return target === undefined
    ? notRead
    : {
        kind: name === 'include' ? 'file' : 'folder',
        path: target.replace(/^classpath\*?:/, '').replaceAll('\\', '/'),
        isRelative: relativeToChangelogFile === 'true',
      }
}

const itemsOfXml = (text: string): readonly Item[] | string => {
  const body = withoutComments(text)
  if (body === undefined) return notRead
  const items: Item[] = []
  const rest = body.replaceAll(
    /<(\/?)([\w:]+)((?:\s+[\w:.]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g,
    (_, isEnd: string, name: string, attributes: string) => {
      const isFrame =
        name === 'databaseChangeLog' || (isEnd !== '' && /^include(?:All)?$/.test(name))
      if (!isFrame) items.push({ name, values: attributesIn(attributes) })
      return ''
    },
  )
  return rest.trim() === '' ? items : notRead
}

/** And without processing instructions. Undefined where one has no end: a pattern would look for it again behind each beginning. */
const withoutComments = (text: string): string | undefined => {
  const pieces: string[] = []
  const begin = /<!--|<\?/g
  let at = 0
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const sign = found[0] === '<?' ? '?>' : '-->'
    const end = text.indexOf(sign, begin.lastIndex)
    if (end === -1) return undefined
    pieces.push(text.slice(at, found.index))
    at = begin.lastIndex = end + sign.length
  }
  return [...pieces, text.slice(at)].join('').trim()
}

const attributesIn = (text: string): Item['values'] =>
  Object.fromEntries(
    [...text.matchAll(/([\w:.]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, name = '', a, b]) => [
      name,
      a ?? b ?? '',
    ]),
  )

const itemsOfJson = (text: string): readonly Item[] | string => {
  try {
    const { databaseChangeLog: list } = JSON.parse(text) as { databaseChangeLog?: unknown }
    if (!Array.isArray(list)) return notRead
    return list.flatMap((each: unknown): readonly Item[] =>
      Object.entries(each as Readonly<Record<string, unknown>>).map(([name, values]) => ({
        name,
        values: Object.fromEntries(
          Object.entries(values as object).map(([key, value]) => [key, String(value)]),
        ),
      })),
    )
  } catch {
    return notRead
  }
}

// A list of includes, each with its values on lines of their own, or between braces.
const itemsOfYaml = (text: string): readonly Item[] | string => {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trimEnd())
    .filter((line) => line !== '' && line !== '---')
  if (!/^"?databaseChangeLog"?:$/.test(lines.shift() ?? '')) return notRead
  const items: { name: string; values: Record<string, string> }[] = []
  for (const line of lines) {
    const [, name, inline] = /^\s*-\s+"?(\w+)"?:(?:\s*\{(.*)\})?$/.exec(line) ?? []
    if (name !== undefined) {
      const values: Record<string, string> = {}
      for (const pair of inline?.split(',') ?? []) if (!addPair(values, pair)) return notRead
      items.push({ name, values })
      continue
    }
    const last = items.at(-1)
    if (last === undefined) return notRead
    if (!last.name.startsWith('include')) continue
    if (!addPair(last.values, line)) return notRead
  }
  return items
}

const addPair = (values: Record<string, string>, text: string): boolean => {
  const [, key, double, single, plain] =
    /^"?(\w+)"?:\s*(?:"([^"]*)"|'([^']*)'|([^\s"'{}[\],&*!|>%@`][^"'{}[\]]*))$/.exec(text.trim()) ??
    []
  if (key === undefined) return false
  values[key] = (double ?? single ?? plain ?? '').trim()
  return true
}
