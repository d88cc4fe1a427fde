// The embedded parser cuts names where a database of UTF-8 does. For a server that cuts them elsewhere it reads a text in which
// other names stand for those, and the server's are put into its tree. The text stays as long as it was.

import { nameFrom, utf8, type Naming } from './naming.ts'
import { tokenAt, type Token } from '../text/tokens.ts'

type NameToken = { readonly kind: 'word' | 'quoted name' }

export type WrittenName = NameToken & {
  /** String indexes. */
  readonly start: number
  readonly end: number
  /** Without quotes and escapes. */
  readonly name: string
}

/** In the order of the text. Those in U&"" are left out: nobody writes them. */
export function* writtenNames(text: string): Generator<WrittenName> {
  // What a literal that goes on over several lines is known by.
  let before: Token[] = []
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at, before)
    at = token.end
    const { kind, start, end } = token
    if (kind === 'blank' || kind === 'comment' || kind === 'string') before.push(token)
    else before = []
    if (kind === 'word') yield { kind, start, end, name: text.slice(start, end) }
    else if (kind === 'quoted name' && text.startsWith('"', start))
      yield { kind, start, end, name: text.slice(start + 1, end - 1).replaceAll('""', '"') }
  }
}

export type Readable = {
  readonly text: string
  /** Puts the names, and their places in bytes of UTF-8, into a tree of that text. */
  readonly restore: (tree: unknown) => void
  /** The same for a message about that text. */
  readonly restoreIn: (message: string) => string
}

/** A text whose names the parser reads as the server would read those of `written`. */
export const readableNames = (written: string, naming: Naming): Readable => {
  const names = new Map<string, string>()
  const standIns = standInsFor(written, names)
  const shifts: Shift[] = []
  let text = ''
  let end = 0
  // Of the text so far, and of what it stands for.
  let [bytes, writtenBytes] = [0, 0]
  const add = (part: string, original: string): void => {
    text += part
    bytes += Buffer.byteLength(part)
    writtenBytes += Buffer.byteLength(original)
  }
  for (const each of naming === utf8 ? [] : writtenNames(written)) {
    const made = nameFrom(each.name, each.kind, naming)
    if (made === nameFrom(each.name, each.kind, utf8)) continue
    const before = written.slice(end, each.start)
    const original = written.slice(each.start, each.end)
    add(before, before)
    add(standIns(made, each).padEnd(original.length), original)
    shifts.push({ from: bytes, by: writtenBytes - bytes })
    end = each.end
  }
  text += written.slice(end)
  return {
    text,
    restore: (tree) => {
      if (shifts.length > 0) restoreIn(tree, names, shifts)
    },
    restoreIn: (message) =>
      [...names].reduce((words, [standIn, name]) => words.replaceAll(standIn, name), message),
  }
}

/** From a byte on, up to the next of them. */
type Shift = { readonly from: number; readonly by: number }

const standInsFor = (
  written: string,
  names: Map<string, string>,
): ((made: string, token: NameToken & { readonly name: string }) => string) => {
  const numbers = new Map<string, string>()
  let mark = 'n_'
  const small = written.toLowerCase()
  while (small.includes(mark)) mark = `n${mark}`
  return (made, { kind, name }) => {
    // A letter that only the server makes small. What is cut is always long enough for a number.
    if (kind === 'word' && made.length === name.length && nameFrom(made, kind, utf8) === made)
      return made
    const standIn = numbers.get(made) ?? `${mark}${numbers.size.toString(36)}_`
    numbers.set(made, standIn)
    names.set(standIn, made)
    return standIn
  }
}

const restoreIn = (
  tree: unknown,
  names: ReadonlyMap<string, string>,
  shifts: readonly Shift[],
): void => {
  if (typeof tree !== 'object' || tree === null) return
  const node = tree as Record<string, unknown>
  for (const [key, part] of Object.entries(node)) {
    if (typeof part === 'string') node[key] = names.get(part) ?? part
    else if (typeof part !== 'number') restoreIn(part, names, shifts)
    else if (key === 'location')
      node[key] = part + (shifts.findLast(({ from }) => from <= part)?.by ?? 0)
  }
}
