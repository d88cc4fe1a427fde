import { describe, expect, test } from '@jest/globals'
import type { Fragment } from '../../../../../src/schema/effects/effect.ts'
import { makeMentions, readsRelations } from '../../../../../src/schema/history/model/mentions.ts'
import { historyOf } from '../history-lines.ts'

const t = { schema: 'public', name: 't' }

/** The definitions of a file, each under 'kind name facet'. */
const mentionsOf = (sql: string) => {
  const mentions = makeMentions<string>()
  for (const { object, property, changes } of historyOf([sql]).timelines) {
    const value = changes.at(-1)?.value
    if (value?.kind === 'defined')
      mentions.addDefinition(`${object.kind} ${object.name} ${property}`, value.definition)
  }
  return mentions
}

describe('a name is found', () => {
  const mentions = mentionsOf(
    `CREATE TABLE t (a m, b int DEFAULT app.f(1) CHECK (g(b) > 0), c int DEFAULT nextval('s'), d int REFERENCES u);
     CREATE INDEX i ON t (lower(a)); CREATE VIEW v AS SELECT x FROM app.w;
     CREATE TRIGGER k BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION "My.app"."h(1)"('x')`,
  )

  test.each<readonly [name: string, found: readonly string[]]>([
    [
      't',
      ['constraint t_b_check definition', 'constraint t_d_fkey definition', 'index i definition'],
    ],
    ['u', ['constraint t_d_fkey definition']],
    ['v', []],
  ])('as the relation %s', (name, found) => {
    expect([...mentions.over(name)].sort()).toEqual(found)
  })

  test.each<readonly [name: string, found: string]>([
    ['m', 'column a type'],
    ['f', 'column b default'],
    ['g', 'constraint t_b_check definition'],
    ['s', 'column c default'],
    ['lower', 'index i definition'],
    ['w', 'view v definition'],
    ['h(1)', 'trigger k definition'],
  ])('in trees and calls: %s', (name, found) => {
    expect([...mentions.naming(name)]).toContain(found)
  })

  test('as what a query reads', () => {
    expect([...mentions.reading()]).toEqual(['view v definition'])
  })

  test('by the table that it belongs to', () => {
    mentions.addOwned('index i', 't')
    expect([...mentions.ownedBy('t')]).toEqual(['index i'])
    expect([...mentions.ownedBy('u')]).toEqual([])
  })
})

test('what is added after somebody asked is found too', () => {
  const mentions = makeMentions<string>()
  const part: Fragment = { kind: 'type', type: { names: [{ String: { sval: 'm' } }], typemod: -1 } }
  expect([...mentions.naming('m')]).toEqual([])
  mentions.addDefinition('late', [part])
  expect([...mentions.naming('m')]).toEqual(['late'])
})

test('only queries read relations', () => {
  expect(readsRelations({ kind: 'relation', relation: t })).toBe(false)
  expect(readsRelations({ kind: 'text', text: 'SELECT' })).toBe(false)
})
