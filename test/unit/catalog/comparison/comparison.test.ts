import { describe, expect, test } from '@jest/globals'
import { comparisonStatement } from '../../../../src/catalog/comparison/comparison.ts'
import type { CatalogQuery } from '../../../../src/catalog/comparison/catalog-query.ts'
import type { ObjectKind } from '../../../../src/schema/effects/effect.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()

const aProbe = (kind: ObjectKind, name = 'x'): CatalogQuery => ({
  object: { kind, schema: 'app', table: '', name },
  property: 'existence',
  named: 'by file',
  on: undefined,
  candidates: [{ path: undefined, fragments: ['table'] }],
  accepts: [],
  ofKey: false,
})

const kinds: readonly ObjectKind[] = [
  ...(['schema', 'extension', 'table', 'column', 'index', 'constraint', 'type', 'view'] as const),
  ...(['materialized view', 'sequence', 'function', 'trigger', 'policy'] as const),
]

const nodesOf = (sql: string): readonly string[] => {
  const parsed = parse(sql)
  return parsed.kind === 'parsed'
    ? parsed.statements.flatMap(({ node }) => Object.keys(node))
    : [parsed.message]
}

/** The text between the DO block's quotes. */
const bodyOf = (sql: string): string => {
  const parsed = parse(sql)
  const node = parsed.kind === 'parsed' ? parsed.statements[0]?.node : undefined
  const [argument] = node !== undefined && 'DoStmt' in node ? (node.DoStmt.args ?? []) : []
  const value = argument !== undefined && 'DefElem' in argument ? argument.DefElem.arg : undefined
  return value !== undefined && 'String' in value ? (value.String.sval ?? '') : ''
}

/** The probes as the block gets them. */
const givenOf = (sql: string): unknown => {
  const literal = /given jsonb := (.*)::jsonb;/.exec(bodyOf(sql))?.[1] ?? ''
  const text = /"sval":\{"sval":("(?:[^"\\]|\\.)*")/.exec(
    JSON.stringify(parse(`SELECT ${literal}`)),
  )?.[1]
  return JSON.parse(JSON.parse(text ?? '""') as string) as unknown
}

describe('the comparison', () => {
  test.each(kinds)('is one DO block for a %s', (kind) => {
    const name = kind === 'function' ? 'f(int4)' : 'x'
    expect(nodesOf(comparisonStatement([aProbe(kind, name)], '', 'raise'))).toEqual(['DoStmt'])
  })

  test('reads only the catalogs that its probes need', () => {
    const catalogs = (...of: readonly ObjectKind[]): readonly string[] =>
      ['pg_index', 'pg_policy', 'pg_trigger', 'pg_extension'].filter((name) =>
        bodyOf(
          comparisonStatement(
            of.map((kind) => aProbe(kind)),
            '',
            'raise',
          ),
        )
          .split('INTO in_catalog')[0]
          ?.includes(`JOIN ${name} `),
      )
    expect(catalogs('table', 'view')).toEqual([])
    expect(catalogs('policy')).toEqual(['pg_policy'])
    expect(catalogs('index', 'trigger')).toEqual(['pg_index', 'pg_trigger'])
  })

  test('asks each kind once, however many probes it has', () => {
    const one = bodyOf(comparisonStatement([aProbe('index')], '', 'raise'))
    const many = bodyOf(comparisonStatement([aProbe('index'), aProbe('index', 'y')], '', 'raise'))
    const count = (text: string): number => text.split("p.kind = 'index'").length
    expect(count(many)).toBe(count(one))
  })

  test('ends with what is done about the result', () => {
    expect(bodyOf(comparisonStatement([aProbe('table')], "RAISE 'x';", 'raise'))).toMatch(
      /RAISE 'x';\s*END$/,
    )
  })

  test.each(["a'b", '$$ a', '$schemagate$', 'a\\b', "'; DROP TABLE t; --", 'größe', '"'])(
    'keeps the name %j within its text',
    (name) => {
      const sql = comparisonStatement([aProbe('table', name)], '', 'raise')
      expect(nodesOf(sql)).toEqual(['DoStmt'])
      expect(givenOf(sql)).toMatchObject([{ name }])
    },
  )

  test('names a function by its quoted name and its arguments', () => {
    expect(
      givenOf(comparisonStatement([aProbe('function', 'My F(int4, text)')], '', 'raise')),
    ).toMatchObject([{ signature: '"app"."My F"(int4, text)' }])
  })
})
