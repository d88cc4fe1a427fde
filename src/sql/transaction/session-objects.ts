// What a statement leaves in its session for the statements behind it, and which of them need it. It does not last from one
// transaction of a file to the next: a run that goes on after an error has another session, and behind a pooler any may have.

import type { Node } from 'libpg-query'
import {
  callsAmong,
  callsOf,
  isTree,
  subtrees,
  stringsOf,
  type Call,
  type Tree,
} from '../tree/tree.ts'
import { doBody } from '../tree/do-body.ts'
import { settingsIn } from './settings.ts'
import { tokensOf } from '../text/tokens.ts'

export type SessionObject = {
  readonly kind: 'temporary object' | 'cursor' | 'prepared statement' | 'setting' | 'lock'
  /** Empty where all that comes behind may need it. */
  readonly name: string
}

export const leftBy = (node: Node): readonly SessionObject[] => {
  const leaves = (kind: SessionObject['kind'], names: readonly string[]): SessionObject[] =>
    names.map((name) => ({ kind, name }))
  return [
    ...leaves('temporary object', temporaryNames(node)),
    ...leaves(
      'cursor',
      'DeclareCursorStmt' in node ? [node.DeclareCursorStmt.portalname ?? ''] : [],
    ),
    ...leaves('prepared statement', 'PrepareStmt' in node ? [node.PrepareStmt.name ?? ''] : []),
    ...leaves('setting', runsAtOnce(node) && setsUnseen(node) ? [''] : []),
    ...leaves('lock', runsAtOnce(node) && takesLock(node) ? [''] : []),
  ]
}

/** Without which it fails, or does something else. */
export const needs = (node: Node, { kind, name }: SessionObject): boolean => {
  if (name === '') return true
  if (kind === 'temporary object') return namesTemporary(node, name)
  return subtrees(node).some(
    (part) =>
      nameIn(part, kind === 'cursor' ? 'FetchStmt' : 'ExecuteStmt') === name ||
      (kind === 'cursor' && [nameIn(part, 'ClosePortalStmt'), part['cursor_name']].includes(name)),
  )
}

/** Nothing behind it can need the object any more. */
export const ends = (node: Node, { kind, name }: SessionObject): boolean => {
  if ('DiscardStmt' in node) return node.DiscardStmt.target === 'DISCARD_ALL'
  if ('DropStmt' in node) return kind === 'temporary object' && dropped(node).includes(name)
  if ('DeallocateStmt' in node)
    return kind === 'prepared statement' && [undefined, name].includes(node.DeallocateStmt.name)
  if ('ClosePortalStmt' in node)
    return kind === 'cursor' && [undefined, name].includes(node.ClosePortalStmt.portalname)
  return false
}

/** It calls a function that says what a sequence gave last, and nothing in it has moved one before. */
export const asksForLastNumber = (node: Node): boolean => {
  if (!runsAtOnce(node)) return false
  const parts = subtrees(node)
  const calls = callsAmong(parts).map(({ name }) => name)
  const inserts = parts.filter((part) => 'InsertStmt' in part).length
  return (
    calls.some((name) => name === 'currval' || name === 'lastval') &&
    !calls.some((name) => name === 'nextval' || name === 'setval') &&
    inserts <= ('InsertStmt' in node ? 1 : 0)
  )
}

const runners = [
  ...(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'DoStmt'] as const),
  ...(['CreateTableAsStmt', 'CallStmt', 'ExecuteStmt', 'ExplainStmt'] as const),
] as const

/** Others keep an expression for later, or run one that is of no matter here. */
export const runsAtOnce = (node: Node): boolean => runners.some((kind) => kind in node)

const nameIn = (part: Tree, kind: string): unknown => {
  const own = part[kind]
  return isTree(own) ? (own['portalname'] ?? own['name']) : undefined
}

const dropped = (node: Node): readonly string[] =>
  subtrees(node).flatMap(({ items, objname }) => {
    const [name, schema = temporarySchema] = stringsOf(items ?? objname).toReversed()
    return name !== undefined && schema === temporarySchema ? [name] : []
  })

const temporarySchema = 'pg_temp'

const temporaryNames = (node: Node): readonly string[] => {
  const body = doBody(node)
  if (body !== undefined) return temporaryInBody(body)
  const [made] = Object.values(node as Tree)
  if (!isTree(made)) return []
  const { into, intoClause, relation, sequence, view, typevar } = made
  const ranges = [
    ...[isTree(into) ? into['rel'] : undefined, isTree(intoClause) ? intoClause['rel'] : undefined],
    ...['CreateStmt' in node ? relation : undefined, sequence, view, typevar],
  ].filter(isTree)
  const lists = [made['funcname'], made['typeName'], made['domainname'], made['defnames']]
  return [
    ...ranges.flatMap(({ relname, relpersistence, schemaname }) =>
      relpersistence === 't' || schemaname === temporarySchema ? [String(relname)] : [],
    ),
    ...lists.flatMap((list) => {
      const [schema, name] = stringsOf(list)
      return schema === temporarySchema && name !== undefined ? [name] : []
    }),
  ]
}

const creatingTemporary =
  /\bcreate\s+(?:(?:global|local)\s+)?temp(?:orary)?\s+(?:table|sequence|view)\s+(?:if\s+not\s+exists\s+)?"?([\w$]+)/gi

const temporaryInBody = (body: string): readonly string[] =>
  [...uncommented(body).matchAll(creatingTemporary)].map(([, name = '']) => name.toLowerCase())

const uncommented = (sql: string): string =>
  tokensOf(sql)
    .map(({ kind, start, end }) => (kind === 'comment' ? ' ' : sql.slice(start, end)))
    .join('')

const namesTemporary = (node: Node, name: string): boolean => {
  const body = doBody(node)
  if (body !== undefined)
    return uncommented(body)
      .toLowerCase()
      .split(/[^\w$\u0080-\uffff]+/)
      .includes(name.toLowerCase())
  // To drop what may not be there needs nothing.
  if ('DropStmt' in node) return node.DropStmt.missing_ok !== true && dropped(node).includes(name)
  const parts = subtrees(node)
  const isCalled = (call: Call): boolean => call.schema === temporarySchema && call.name === name
  return (
    callsAmong(parts).some(isCalled) ||
    parts.some(
      ({ relname, schemaname = temporarySchema, names }) =>
        (relname === name && schemaname === temporarySchema) ||
        stringsOf(names).join('.') === `${temporarySchema}.${name}`,
    )
  )
}

// What a statement of its own sets is set again in front of those behind it.
const setsUnseen = (node: Node): boolean => {
  const body = doBody(node)
  if (body !== undefined) return setsInBody(body)
  const seen = settingsIn(node).filter(
    ({ by, lasts }) => by === 'set_config' && lasts !== 'transaction',
  )
  const persistent = callsOf(node).filter(
    ({ name, args }) => name === 'set_config' && !isTrue(args[2]),
  )
  return persistent.length > seen.length
}

const isTrue = (local: unknown): boolean => JSON.stringify(local ?? '').includes('"boolval":true')

const setsInBody = (body: string): boolean => {
  const words = tokensOf(body).flatMap(({ kind, start, end }) =>
    kind === 'blank' || kind === 'comment' ? [] : [body.slice(start, end).toLowerCase()],
  )
  return words.some((word, index) => {
    if (word === 'set')
      return (
        beginnings.includes(words[index - 1] ?? ';') && !unlasting.includes(words[index + 1] ?? '')
      )
    const end = words.indexOf(';', index)
    const call =
      word === 'set_config' ? words.slice(index, end === -1 ? undefined : end).join(' ') : ''
    return call.includes(', false )')
  })
}

const beginnings = [';', 'begin', 'then', 'else', 'loop']
const unlasting = ['local', 'constraints', 'transaction']

const takesLock = (node: Node): boolean => {
  const body = doBody(node)
  const called =
    body === undefined
      ? callsOf(node).map(({ name }) => name)
      : uncommented(body).toLowerCase().split(/\W+/)
  return called.some((name) => /^pg_(try_)?advisory_lock(_shared)?$/.test(name))
}
