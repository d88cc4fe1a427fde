// Claim × checksum × catalog, as values: what is agreed, what is refused, and in which words.

import { describe, expect, test } from '@jest/globals'
import type { Migration } from '../../../../src/migrations/migration.ts'
import {
  checkClaims,
  type ClaimsRequest,
  type ClaimTrust,
} from '../../../../src/reconcile/claims/check-claims.ts'
import { aHistory, evidenceOf, madeBy, nothing, without, type Database } from '../a-database.ts'

const table = 'CREATE TABLE t (a int NOT NULL);'
const retyped = 'ALTER TABLE t ALTER COLUMN a TYPE bigint;'
const note = 'ALTER TABLE t ADD COLUMN note text;'
const rows = "INSERT INTO t VALUES (1, 'x');"

type Asked = {
  /** The numbers of the files, from 1; those of the tool's rows. */
  readonly claimed: readonly number[]
  readonly checksum?: string
  readonly trust?: ClaimTrust
  /** Numbers of the files that run whenever they have changed. */
  readonly repeated?: readonly number[]
}

const checked = (files: readonly string[], database: Database, asked: Asked) => {
  const { claimed, checksum, trust = 'checked', repeated = [] } = asked
  const read = aHistory(files)
  const asIs = ({ migration }: (typeof read.migrations)[number]): Migration =>
    repeated.includes(Number(migration.version))
      ? { ...migration, runs: 'when changed' }
      : migration
  const history = {
    ...read,
    migrations: read.migrations.map((each) => ({ ...each, migration: asIs(each) })),
  }
  const request: ClaimsRequest = {
    ...{ history, evidence: evidenceOf(history, database), fingerprintResults: [] },
    claimed: history.migrations
      .filter(({ migration: { version } }) => claimed.includes(Number(version)))
      .map(({ migration }) => ({
        migration,
        claim: { version: migration.version, state: 'applied', checksum },
      })),
    ...{ tool: 'Flyway', table: 'public.flyway_schema_history', trust },
    isSum: (recorded) => recorded === 'equal',
  }
  return checkClaims(request)
}

const saidOf = (...call: Parameters<typeof checked>): readonly string[] =>
  checked(...call).map(
    ({ migration, state, action, claim }) =>
      `${migration.version} ${state}: ${action}, ${claim?.verdict ?? ''}, ${claim?.words ?? ''}`,
  )

describe('what the database has', () => {
  test('is recorded, with what was compared; a file that is not claimed is left out', () => {
    expect(saidOf([table, note], madeBy(table), { claimed: [1] })).toEqual([
      '1 present: mark, agreed, Flyway 1 (2 objects compared)',
    ])
  })

  test('counts as what all claimed files together lead to', () => {
    expect(saidOf([table, retyped], madeBy(table, retyped), { claimed: [1, 2] })).toEqual([
      ...['1 present: mark, agreed, Flyway 1 (2 objects compared)'],
      ...['2 present: mark, agreed, Flyway 2 (1 object compared)'],
    ])
    // The second is claimed, and the column is what only the first has made it.
    expect(saidOf([table, retyped], madeBy(table), { claimed: [1, 2] })[1]).toBe(
      '2 conflict: refuse, disagreed, Flyway 2 (1 of 1 object differ)',
    )
  })

  test('may be explained by a later file that is not claimed', () => {
    const said = saidOf([table, retyped], madeBy(table, retyped), { claimed: [1] })
    expect(said).toEqual([expect.stringMatching(/^1 present: mark, agreed/)])
  })

  test('is refused where it is missing, in part or whole', () => {
    expect(saidOf([table], nothing, { claimed: [1] })).toEqual([
      '1 absent: refuse, disagreed, Flyway 1 (2 of 2 objects differ)',
    ])
    const part = without(madeBy(table, note), 'column t.note')
    expect(saidOf([table, note], part, { claimed: [1, 2] })[1]).toBe(
      '2 absent: refuse, disagreed, Flyway 2 (1 of 1 object differ)',
    )
  })
})

describe("the tool's checksum", () => {
  test('is part of the words, and another one is an edit', () => {
    const call = [[table], madeBy(table)] as const
    expect(saidOf(...call, { claimed: [1], checksum: 'equal' })).toEqual([
      '1 present: mark, agreed, Flyway 1 (checksum equal, 2 objects compared)',
    ])
    expect(saidOf(...call, { claimed: [1], checksum: 'other' })).toEqual([
      '1 present: refuse, edited, Flyway 1 (checksum different, 2 objects compared)',
    ])
  })

  test('is all there is to a file that only changes data', () => {
    expect(saidOf([table, rows], madeBy(table), { claimed: [1, 2], checksum: 'equal' })[1]).toBe(
      '2 inferred: mark, agreed, Flyway 2 (checksum equal, nothing of it to compare)',
    )
  })
})

test('a ledger that is trusted is recorded whatever the database has, and the words keep what it has', () => {
  expect(saidOf([table], nothing, { claimed: [1], trust: 'trusted' })).toEqual([
    '1 absent: mark, disagreed, Flyway 1 (trusted, although 2 of 2 objects differ)',
  ])
})

describe('an object that a file defines which runs whenever it has changed', () => {
  const view = 'CREATE VIEW v AS SELECT a FROM t;'
  const now = 'CREATE OR REPLACE VIEW v AS SELECT a, 1 AS b FROM t;'
  const before = madeBy(table, 'CREATE VIEW v AS SELECT a, 2 AS c FROM t;')

  test('may be as an earlier text of it has left it', () => {
    const said = saidOf([table, view, now], before, { claimed: [1, 2], repeated: [3] })
    expect(said.map((each) => each.split(',')[0])).toEqual(['1 present: mark', '2 present: mark'])
  })

  test('is compared where its text is the one that is claimed, and where there is no such file', () => {
    const claimed = saidOf([table, view, now], before, { claimed: [1, 2, 3], repeated: [3] })
    expect(claimed[2]).toMatch(/^3 conflict: refuse, disagreed/)
    expect(saidOf([table, view], before, { claimed: [1, 2] })[1]).toMatch(/^2 conflict: refuse/)
  })
})
