import { expect, test } from '@jest/globals'
import {
  prepareMigrations,
  type PreparedMigration,
} from '../../../../src/migrations/prepare/prepare.ts'
import { resumeProblem } from '../../../../src/reconcile/states/resume.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aMigration } from '../../a-migration.ts'

const parse = await loadParser()

const prepared = (text: string): PreparedMigration => {
  const migration = aMigration('0001_a.sql', text)
  const [only] = prepareMigrations([migration], parse, new Set([migration.version])).prepared
  if (only === undefined) throw new Error(text)
  return only
}

const checksumsOf = ({ statementMode }: PreparedMigration): readonly string[] =>
  statementMode?.units.flatMap(({ statements }) => statements.map(({ checksum }) => checksum)) ?? []

const after = (before: string, done: number, now: string): string | undefined => {
  const checksums = checksumsOf(prepared(before)).slice(0, done)
  return resumeProblem(prepared(now), { done, started: done, checksums }, 's.m')?.title
}

const text = 'SELECT 1; VACUUM; SELECT 3'

test('what is not done yet may be edited, added to and taken out', () => {
  expect(after(text, 2, 'SELECT 1; -- é\nVACUUM; SELECT 4; SELECT 5')).toBeUndefined()
  expect(after(text, 2, 'SELECT 1; VACUUM;')).toBeUndefined()
  expect(after(text, 0, 'SELECT 9')).toBeUndefined()
})

test.each([
  ['edited', 'SELECT 2; VACUUM; SELECT 3', 1],
  ['taken out', 'VACUUM; SELECT 3', 1],
  ['gone at the end', 'SELECT 1', 2],
  ['preceded by a new one', 'SELECT 0; SELECT 1; VACUUM; SELECT 3', 1],
])('what is done may not be %s', (_, now, number) => {
  expect(after(text, 2, now)).toContain(`statement ${number} of migrations/0001_a.sql was edited`)
})

test('a transaction may not be put around what is done and what is not', () => {
  expect(
    after('SELECT 1; SELECT 2; SELECT 3', 2, 'SELECT 1; BEGIN; SELECT 2; SELECT 3; END'),
  ).toContain('statement 2 of')
})
