// The only module that knows pgsql-deparser: a parse tree back to SQL. What it writes is parsed again and must give the same tree,
// so a mistake of the deparser yields no evidence rather than wrong evidence.

import type { Node, TypeName } from 'libpg-query'
import { loadPart } from '../../errors/part.ts'
import { makeEquivalence, type IsEquivalent } from './equivalent.ts'
import type { Parse } from './parse.ts'
import { withoutPlaces } from './tree.ts'

/** Undefined for what cannot be written faithfully. */
export type Deparse = {
  readonly expression: (node: Node) => string | undefined
  readonly type: (type: TypeName) => string | undefined
  readonly query: (node: Node) => string | undefined
  /** Of what it wrote, and what the server wrote. */
  readonly isEquivalent: IsEquivalent
}

export const loadDeparser = async (parse: Parse): Promise<Deparse> => {
  const { deparseSync } = await loadPart('SQL writer', import('pgsql-deparser'))
  const write = (node: unknown): string | undefined => {
    try {
      return deparseSync(node as Node)
    } catch {
      return undefined
    }
  }
  const parsed = (sql: string): unknown => {
    const result = parse(sql)
    return result.kind === 'parsed' && result.statements.length === 1
      ? result.statements[0]?.node
      : undefined
  }
  const faithful = (
    node: unknown,
    sql: string | undefined,
    read: (tree: unknown) => unknown,
  ): string | undefined =>
    sql !== undefined && withoutPlaces(read(parsed(sql))) === withoutPlaces(node) ? sql : undefined
  return {
    expression: (node) => {
      if (isOfItsTime(node)) return undefined
      const sql = write(node)
      const found = sql === undefined ? undefined : parsed(`SELECT (${sql})`)
      return withoutPlaces(firstTarget(found)) === withoutPlaces(node) ? sql : undefined
    },
    type: (type) => {
      const sql = write({ TypeName: type })
      const cast = sql === undefined ? undefined : firstTarget(parsed(`SELECT NULL::${sql}`))
      const back = at(at(cast, 'TypeCast'), 'typeName')
      return sql !== undefined && back !== undefined && sameType(back, type) ? sql : undefined
    },
    query: (node) => faithful(node, write(node), (tree) => tree),
    isEquivalent: makeEquivalence(parse),
  }
}

// 'now' as a date or time is frozen when it is read, so what it was cannot be compared with what it would be now.
const isOfItsTime = (node: Node): boolean =>
  /"sval":\{"sval":"(?:now|today|tomorrow|yesterday)"\}/i.test(JSON.stringify(node))

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined

const firstTarget = (select: unknown): unknown => {
  const targets = at(at(select, 'SelectStmt'), 'targetList')
  return Array.isArray(targets) ? at(at(targets[0], 'ResTarget'), 'val') : undefined
}

// varchar and pg_catalog.varchar are one type to the grammar's keywords.
const sameType = (a: unknown, b: unknown): boolean => {
  const plain = (type: unknown): string =>
    withoutPlaces(type).replaceAll('{"String":{"sval":"pg_catalog"}},', '')
  return plain(a) === plain(b)
}
