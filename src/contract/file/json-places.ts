// The only module that knows momoa, a JSON parser that keeps places. Only what is wrong, or is to be shown, needs it: JSON.parse is
// thirty times as fast.

import { parse, type DocumentNode, type ValueNode } from '@humanwhocodes/momoa'
import type { Place } from '../../errors/problem.ts'
import { placeAt } from '../../sql/text/offsets.ts'

type Duplicate = {
  readonly path: readonly string[]
  readonly place: Place
  /** The line of the first member of that name. */
  readonly firstLine: number
}

export type JsonPlaces = {
  /** Of the value at the path, or of the nearest one above it that is there; of a member, the place of its name. */
  readonly placeOf: (path: readonly string[]) => Place
  /** Members whose name is in their object already. */
  readonly duplicates: readonly Duplicate[]
}

export type ReadPlaces =
  | { readonly kind: 'json'; readonly places: JsonPlaces }
  | { readonly kind: 'no json'; readonly reason: string; readonly place: Place }

export const readJsonPlaces = (file: string, text: string): ReadPlaces => {
  const at = (offset: number): Place => placeAt(file, text, Math.min(offset, text.length))
  let document: DocumentNode
  try {
    document = parse(text, { mode: 'json' })
  } catch (error) {
    const offset = error instanceof Error && 'offset' in error ? Number(error.offset) : text.length
    const words = error instanceof Error ? error.message : String(error)
    // The place is ours to show.
    const reason = inWords(words.replace(/\s*\(\d+:\d+\)\.?$/, '').replace(/\.$/, ''))
    return { kind: 'no json', reason, place: at(offset) }
  }
  const { body } = document
  return {
    kind: 'json',
    places: { placeOf: (path) => at(offsetOf(body, path)), duplicates: duplicatesIn(body, [], at) },
  }
}

// The parser's names of its tokens are its own affair; at the end of a file it has none.
const tokens: Readonly<Record<string, string>> = {
  LBrace: "'{'",
  RBrace: "'}'",
  LBracket: "'['",
  RBracket: "']'",
  Comma: "','",
  Colon: "':'",
}

const inWords = (reason: string): string =>
  reason
    .replace(
      /\bUnexpected token (\w+)( found)?/,
      (_, token: string) => `unexpected ${tokens[token] ?? token.toLowerCase()}`,
    )
    .replace(/[\p{Cc}\uFFFF\uFFFE]/gu, '?')

const offsetOf = (body: ValueNode, path: readonly string[]): number => {
  let node = body
  let { offset } = body.loc.start
  for (const step of path) {
    const next = childOf(node, step)
    if (next === undefined) break
    ;({ node, offset } = next)
  }
  return offset
}

type Child = { readonly node: ValueNode; readonly offset: number }

const childOf = (node: ValueNode, step: string): Child | undefined => {
  if (node.type === 'Array') {
    const element = node.elements[Number(step)]
    return element && { node: element.value, offset: element.loc.start.offset }
  }
  if (node.type !== 'Object') return undefined
  const member = node.members.findLast(({ name }) => nameOf(name) === step)
  return member && { node: member.value, offset: member.loc.start.offset }
}

type MemberName = Extract<ValueNode, { type: 'Object' }>['members'][number]['name']

const nameOf = (name: MemberName): string => (name.type === 'String' ? name.value : name.name)

const duplicatesIn = (
  node: ValueNode,
  path: readonly string[],
  at: (offset: number) => Place,
): JsonPlaces['duplicates'] => {
  if (node.type !== 'Object') return []
  const firstLines = new Map<string, number>()
  return node.members.flatMap(({ name, value, loc }) => {
    const own = [...path, nameOf(name)]
    const firstLine = firstLines.get(nameOf(name))
    firstLines.set(nameOf(name), firstLine ?? loc.start.line)
    const below = duplicatesIn(value, own, at)
    return firstLine === undefined
      ? below
      : [{ path: own, place: at(loc.start.offset), firstLine }, ...below]
  })
}
