// Which files are squashed, and whether the database that is named has run them.

import type { Config } from '../../config/config.ts'
import type { Session } from '../../database/session/session.ts'
import { describeEndpoint } from '../../config/endpoint.ts'
import { ledgerTable, readLedger, rowsOfLedger } from '../../database/ledger/ledger.ts'
import { nearest } from '../../errors/nearest.ts'
import { fail, problem, SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { compareVersions, versionOf, type Migration } from '../../migrations/migration.ts'
import { numberOf } from '../../migrations/replaces.ts'
import { decide } from '../../reconcile/states/decide.ts'
import { ofKind, planMigrations } from '../../reconcile/states/plan.ts'
import { loadFolder } from '../load-folder.ts'
import { digitsOf } from './base-file.ts'

export type Chosen = {
  readonly all: readonly Migration[]
  /** In their order; not empty. */
  readonly files: readonly Migration[]
}

/** Throws every reason why the folder cannot be read, `squash-not-ours`, `squash-unknown-number`. */
export const chooseFiles = (config: Config, to: string, announce: Announce): Chosen => {
  const { migrations: all, problems, dialect } = loadFolder(config, announce)
  if (problems.length > 0) throw new SchemagateError(problems)
  if (dialect !== undefined) fail('squash-not-ours', { tool: dialect.tool })
  const number = versionOf(to)
  const files = all.filter(({ version }) => compareVersions(numberOf(version), number) <= 0)
  const last = files.at(-1)
  if (last === undefined || numberOf(last.version) !== number) {
    const numbers = all.map(digitsOf)
    fail('squash-unknown-number', {
      number: to,
      nearest: nearest(to, numbers, 2) ?? numbers.at(-1),
    })
  }
  if (files.length < 2 && last?.directives.replaces !== undefined)
    fail('squash-nothing-new', { file: last.file })
  return { all, files }
}

/** Throws every refusal of the ledger, and `squash-not-recorded`. */
export const requireRecorded = async (
  session: Session,
  { all, files }: Chosen,
  config: Config,
): Promise<void> => {
  const rows = rowsOfLedger(await readLedger(session, config))
  const { refusals } = decide(all, rows, ledgerTable(config.ledgerSchema))
  if (refusals.length > 0) throw new SchemagateError(refusals)
  const recorded = new Set(
    ofKind(planMigrations(all, rows), 'recorded').map(({ migration }) => migration.version),
  )
  const missing = files.filter(({ version }) => !recorded.has(version)).map(({ file }) => file)
  if (missing.length > 0)
    throw new SchemagateError([
      problem('squash-not-recorded', {
        endpoint: describeEndpoint(session.endpoint),
        files: missing,
      }),
    ])
}
