// Under the lock, behind the migrations: the files of migrations/objects/ read, put in order and applied. Loaded only by a run that
// has something to do.

import type { LockedSession } from '../../../database/lock/locked-session.ts'
import { readLedgerUnderLock } from '../../../database/ledger/ledger.ts'
import type { Server } from '../../../database/server/server.ts'
import type { Problem } from '../../../errors/problem.ts'
import { applyObjects as applyInOne, readInOrder } from '../../../objects/apply/apply-objects.ts'
import type { Analysis } from '../../../schema/history/analyse.ts'
import { refuseIfAny, type Run } from '../run.ts'
import type { Seen } from './first-look.ts'

/** In the order of their needs. Throws what is wrong with them. */
export const readObjectFiles = (
  { objects }: Run,
  { offline }: { readonly offline: Analysis },
  { searchPath }: Server,
): ObjectFiles => {
  const files = readInOrder(objects, offline, searchPath.schemas)
  refuseIfAny(files.problems)
  return { ...files, analysis: offline }
}

type ObjectFiles = ReturnType<typeof readInOrder> & { readonly analysis: Analysis }

/** Yields why it did not go through. Throws what making the table throws. */
export const applyObjects = async (
  locked: LockedSession,
  { config, context, course }: Run,
  files: ObjectFiles & { readonly server: Server; readonly seen: Seen },
): Promise<readonly Problem[]> => {
  const { analysis, server, seen } = files
  const rows = await readLedgerUnderLock(locked, config, config.lockWaitMs)
  const { changes, problems } = await applyInOne(files, {
    ...config,
    ...{ locked, server, analysis, statesBefore: seen.objects },
    ...{ announce: context.announce, interruption: context.interruption, runId: course.runId },
    lastOrdinal: rows.at(-1)?.ordinal ?? 0,
  })
  course.objects.push(...changes)
  return problems
}
