// May a migration that stopped half-way go on? What is done must be what the file still says; what is not may have been edited.

import type { Progress } from '../../database/ledger/ledger-row.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import type { PreparedMigration } from '../../migrations/prepare/prepare.ts'

/** Why it may not; `table` is the ledger's name. */
export const resumeProblem = (
  { migration, statementMode }: PreparedMigration,
  { done, checksums }: Progress,
  table: string,
): Problem | undefined => {
  const units = statementMode?.units ?? []
  const statements = units.flatMap((unit) => unit.statements)
  const edited = checksums.findIndex((checksum, at) => statements[at]?.checksum !== checksum)
  // A BEGIN that was put around what is done and what is not would undo neither.
  const cut = units.find(
    ({ kind, statements: [{ number }, ...more] }) =>
      kind === 'block' && number < done && number + more.length >= done,
  )
  const number = edited === -1 ? cut?.statements[0].number : edited
  if (number === undefined) return undefined
  const { file, version } = migration
  return problem('edited-statement', { file, version, number: number + 1, done, table })
}
