import { expect, test } from '@jest/globals'
import { lostSettings } from '../../../../src/migrations/prepare/behind-pooler.ts'
import { prepareMigrations } from '../../../../src/migrations/prepare/prepare.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aMigration } from '../../a-migration.ts'

const parse = await loadParser()

const lost = (text: string, role?: string): readonly unknown[] =>
  prepareMigrations([aMigration('0001_a.sql', text)], parse).prepared.flatMap((each) =>
    lostSettings(each, each.statementMode?.units ?? [], role).map(({ facts, place }) => [
      facts['setting'],
      place?.line,
    ]),
  )

test.each([
  ['SET', 'SELECT 1;\nSET work_mem = 1;\nVACUUM;', [['work_mem', 2]]],
  ['SET ROLE', 'SET ROLE x;\nVACUUM;\nVACUUM;', [['role', 1]]],
  ['set_config()', "SELECT set_config('search_path', '', false);\nVACUUM;", [['search_path', 1]]],
  ['what is set in a transaction', 'BEGIN; SET work_mem = 1; COMMIT; VACUUM;', [['work_mem', 1]]],
])('%s is lost before a statement without a transaction', (_, text, expected) => {
  expect(lost(text)).toEqual(expected)
})

test.each([
  ['behind it', 'VACUUM;\nSET work_mem = 1; SELECT 1'],
  ['reset before it', 'SET work_mem = 1; SELECT 1; RESET work_mem; VACUUM'],
  ['reset with all', 'SET work_mem = 1; SELECT 1; RESET ALL; VACUUM'],
  ['set for its transaction', 'BEGIN; SET LOCAL work_mem = 1; COMMIT; VACUUM'],
  ['a local set_config()', "SELECT set_config('search_path', '', true); VACUUM"],
  ['a timeout', "SET lock_timeout = '1s'; SET statement_timeout = 0; VACUUM"],
])('nothing is lost of what is %s', (_, text) => {
  expect(lost(text)).toEqual([])
})

test('MIGRATION_ROLE does not last until a statement without a transaction', () => {
  expect(lost('SELECT 1;\nVACUUM;\nVACUUM', 'app_owner')).toEqual([['MIGRATION_ROLE', 2]])
})

test('MIGRATION_ROLE lasts where each statement has a transaction', () => {
  expect(lost('BEGIN; SELECT 1; COMMIT; SELECT 2;', 'app_owner')).toEqual([])
})
