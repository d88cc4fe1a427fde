// Are the database of the files and that of the base the same? Paragraph by paragraph of their dumps, and by the names of all that
// either has, of which a dump may say nothing. Pure.

import type { DumpedObject } from '../../catalog/dump/paragraphs.ts'

export type Built = {
  readonly objects: readonly DumpedObject[]
  /** readInventory() */
  readonly inventory: readonly string[]
}

/** One line for each difference; none where they are the same. */
export const differencesOf = (files: Built, base: Built): readonly string[] => {
  const [one, other] = [byName(files.objects), byName(base.objects)]
  const names = [...new Set([...one.keys(), ...other.keys()])]
  const paragraphs = names.flatMap((name) => {
    const [before, after] = [one.get(name), other.get(name)]
    if (after === undefined) return [`${name}: the base does not make it`]
    if (before === undefined) return [`${name}: only the base makes it`]
    return before === after ? [] : [`${name}: ${firstDifference(before, after)}`]
  })
  const [had, has] = [new Set(files.inventory), new Set(base.inventory)]
  const orderOf = (objects: readonly DumpedObject[]): string => objects.map(keyOf).join('\n')
  const isReordered = paragraphs.length === 0 && orderOf(files.objects) !== orderOf(base.objects)
  return [
    ...paragraphs,
    ...(isReordered ? ['the dumps have the same objects in another order'] : []),
    ...files.inventory
      .filter((line) => !has.has(line))
      .map((line) => `${line}: a dump cannot carry it`),
    ...base.inventory
      .filter((line) => !had.has(line))
      .map((line) => `${line}: only the base makes it`),
  ]
}

const keyOf = ({ kind, name }: DumpedObject): string => `${kind} ${name}`

// An object may be in several paragraphs: a piece that has to follow by itself.
const byName = (objects: readonly DumpedObject[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const each of objects)
    found.set(keyOf(each), [found.get(keyOf(each)), asRead(each.sql)].join('\n').trim())
  return found
}

/**
 * What the server says of `status IN ('a', 'b')` over varchar, it reads as another expression that means the same: the elements are
 * converted one by one. pg_dump has the same.
 */
const asRead = (text: string): string =>
  text.replace(/\(ARRAY\[([^\]]*)\]\)::text\[\]/g, (_, items: string) => {
    const all = items.split(', ').map((item) => `(${item})::text`)
    return `ARRAY[${all.join(', ')}]`
  })

const firstDifference = (before: string, after: string): string => {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const at = Math.max(
    old.findIndex((line, index) => line !== now[index]),
    0,
  )
  const shown = (line: string | undefined): string =>
    line === undefined ? 'nothing' : `"${line.trim()}"`
  return at === 0 &&
    old.length < now.length &&
    now.every((line, index) => index >= old.length || line === old[index])
    ? `the files make nothing of, and the base ${shown(now[old.length])}`
    : `the files make ${shown(old[at])}, the base ${shown(now[at])}`
}
