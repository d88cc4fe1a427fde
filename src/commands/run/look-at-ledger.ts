// What the ledger leaves a run to do: asked with the first message of its session, and again while others hold the lock.

import type { Config } from '../../config/config.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import { noteRecorded } from '../../database/ledger/course.ts'
import {
  ledgerTable,
  pollLedger,
  rowsOfLedger,
  type LedgerSeen,
} from '../../database/ledger/ledger.ts'
import {
  decide,
  isComplete,
  nothingToDo,
  toDoOf,
  type Decision,
} from '../../reconcile/states/decide.ts'
import { initialStateQueries, readState } from '../validate/read-state.ts'
import { areDoneMeanwhile, withObjects, type Seen } from './objects/first-look.ts'
import { refuseIfAny, type Run } from './run.ts'

/** The database, with what its first answer shows of it. */
export type Look = Connected<Seen>

// Whoever alters a table now may be the one who migrates: the first look does not wait for it.
const atOnceMs = 100

/** Throws what connectToDatabase() throws. */
export const connectAndLook = async (
  { config, context, migrations, contracts, objects }: Run,
  endpoints: Config['endpoints'],
): Promise<Look> => {
  const request = { ...config, contracts, patienceMs: atOnceMs }
  const look = await withObjects(
    {
      initialQueries: initialStateQueries(migrations, request),
      first: (session) => readState(session, request),
    },
    objects,
    config,
  )
  return connectToDatabase<Seen>({
    ...look,
    endpoints,
    waitMs: config.databaseWaitMs,
    role: 'run',
    migrationRole: config.migrationRole,
    announce: context.announce,
    interruption: context.interruption,
  })
}

const decideOn = ({ migrations, config }: Run, ledger: LedgerSeen): Decision =>
  ledger.kind === 'matches files'
    ? nothingToDo(migrations)
    : decide(migrations, rowsOfLedger(ledger), ledgerTable(config.ledgerSchema))

/** Written down in the course, unless the files are to be refused beside these rows. */
export const noteWhatIsToDo = (run: Run, ledger: LedgerSeen): Decision => {
  const decided = decideOn(run, ledger)
  noteRecorded(run.course, decided.known)
  if (decided.refusals.length === 0) run.course.pending = toDoOf(decided)
  return decided
}

/** Has whoever holds the lock done all that these files need? Throws every reason to refuse them. */
export const isDoneMeanwhile = async (run: Run, { session }: Look): Promise<boolean> => {
  const { config, migrations } = run
  const decided = decideOn(run, await pollLedger(session, config, migrations.length))
  refuseIfAny(decided.refusals)
  return isComplete(decided) && (await areDoneMeanwhile(run, session))
}
