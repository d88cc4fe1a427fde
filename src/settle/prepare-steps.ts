// The files that run, made ready to be sent, or every reason why they cannot be.

import { SchemagateError } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import type { Analysis } from '../history/analyse.ts'
import { prepareMigrations, type PreparedMigration } from '../migrations/prepare.ts'
import type { Reconciled } from '../plan/reconcile.ts'

/** Throws what makes a file impossible to run in one transaction. */
export const prepareOrRefuse = (
  toRun: readonly Reconciled[],
  { parse }: Analysis,
  announce: Announce,
): readonly PreparedMigration[] => {
  const { prepared, problems } = prepareMigrations(
    toRun.map(({ migration }) => migration),
    parse,
  )
  if (problems.length > 0) throw new SchemagateError(problems)
  for (const { migration, statements, unreadable } of prepared) {
    const { file } = migration
    if (unreadable !== undefined)
      announce({ kind: 'parser gave up', file, reason: unreadable.message })
    if (statements?.length === 0) announce({ kind: 'no statement', file })
  }
  return prepared
}
