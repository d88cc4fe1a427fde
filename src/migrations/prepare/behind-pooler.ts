// Behind a pooler in transaction mode a setting does not last from one message to the next, so a statement without a
// transaction runs without what its file has set before. It runs with what its connection began with, which may be older than what
// the login has now.

import { problem, type Problem } from '../../errors/problem.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { hideSecrets } from '../../sql/text/secrets.ts'
import type { Parse } from '../../sql/tree/parse.ts'
import type { Migration, MigrationVersion } from '../migration.ts'
import { prepareMigrations, type Preparation, type PreparedMigration } from './prepare.ts'
import { lostNumbers } from './session-state.ts'
import { startOf, type Unit, type UnitStatement } from './units.ts'

type Target = {
  readonly connectionKind: 'DIRECT' | 'POOLER'
  readonly searchPath: { readonly role?: string | undefined }
  readonly login: { readonly connection: 'current' | 'older' }
}

/** Made ready to be sent, or every reason why they cannot be. `begun` are those that an earlier run began statement by statement. */
export const prepareFor = (
  { connectionKind, searchPath: { role }, login }: Target,
  toRun: readonly Migration[],
  parse: Parse,
  begun: ReadonlySet<MigrationVersion>,
): Preparation => {
  const { prepared, problems } = prepareMigrations(toRun, parse, begun)
  if (connectionKind === 'DIRECT') return { prepared, problems }
  return {
    prepared: prepared.map((each) => withoutLosses(each, role)),
    problems: [
      ...problems,
      ...prepared.flatMap((each) => lostBehindPooler(each, role)),
      ...(login.connection === 'older' ? prepared.flatMap(onOlderPath) : []),
    ],
  }
}

const withoutLosses = (
  { unlessWhole, ...prepared }: PreparedMigration,
  role: string | undefined,
): PreparedMigration =>
  unlessWhole === undefined ||
  lostBehindPooler({ ...prepared, statementMode: unlessWhole }, role).length > 0
    ? prepared
    : { ...prepared, unlessWhole }

const onOlderPath = ({ migration, statementMode }: PreparedMigration): readonly Problem[] => {
  const { file, text } = migration
  const first = statementMode?.units.find(({ kind }) => kind === 'non-transactional')?.statements[0]
  if (first === undefined) return []
  const facts = { file, statement: firstWords(text, first) }
  return [problem('older-pooled-connections', facts, placeAt(file, text, startOf(text, first)))]
}

// Of these the login's own hold, and the log says so.
const timeouts = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']

const lostBehindPooler = (
  prepared: PreparedMigration,
  role: string | undefined,
): readonly Problem[] => [
  ...lostSettings(prepared, prepared.statementMode?.units ?? [], role),
  ...lostNumbers(prepared.migration, prepared.statementMode?.units ?? []),
]

/** The settings that would be lost; each with its place. `role` is MIGRATION_ROLE. */
export const lostSettings = (
  { migration: { file, text } }: Pick<PreparedMigration, 'migration'>,
  units: readonly Unit[],
  role: string | undefined,
): readonly Problem[] => {
  const set = new Map<string, UnitStatement>()
  const found = new Map<UnitStatement, Problem>()
  const first = units.find(({ kind }) => kind === 'non-transactional')?.statements[0]
  if (role !== undefined && first !== undefined) {
    const facts = { file, setting: 'MIGRATION_ROLE', statement: firstWords(text, first) }
    const place = placeAt(file, text, startOf(text, first))
    found.set(first, problem('session-state-behind-pooler', facts, place))
  }
  for (const { kind, statements } of units) {
    for (const statement of statements) {
      if (kind === 'non-transactional')
        for (const [setting, by] of set) {
          const facts = { file, setting, statement: firstWords(text, statement) }
          const place = placeAt(file, text, startOf(text, by))
          if (!found.has(by)) found.set(by, problem('session-state-behind-pooler', facts, place))
        }
      for (const { kind: how, name = '' } of statement.sets) {
        if (how === 'sets' && !timeouts.includes(name)) set.set(name, statement)
        if (how === 'resets' && name === 'all') set.clear()
        if (how === 'resets') set.delete(name)
      }
    }
  }
  return [...found.values()]
}

const firstWords = (text: string, statement: UnitStatement): string =>
  hideSecrets(text.slice(startOf(text, statement), statement.end))
    .trim()
    .split(/\s+/)
    .slice(0, 3)
    .join(' ')
