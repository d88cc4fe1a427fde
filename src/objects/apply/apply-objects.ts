// The objects of migrations/objects/ after the migrations of a run, under the same lock and in one transaction: compared by what the
// server makes of them, changed where that differs, recorded. All of it takes effect or nothing does.

import type { Attempt } from '../../apply/attempt.ts'
import {
  fenceStart,
  ledgerUntouched,
  resetSession,
  runDeferred,
  sealed,
} from '../../apply/fence.ts'
import { retryOnLockTimeout } from '../../apply/retry.ts'
import { limitsOf, opening } from '../../apply/transaction-settings.ts'
import type { Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { ObjectChange } from '../../events/objects.ts'
import type { Analysis } from '../../schema/history/analyse.ts'
import { orphanEvents, columnsMayBeNew, decideObjects } from '../decide.ts'
import type { ObjectText } from '../load.ts'
import { describeIdentity, keyOf, type Identity, type ObjectFile } from '../object-file.ts'
import { inOrder } from '../read/order.ts'
import { columnsOf } from '../read/columns.ts'
import { readObjects, type ReadObjects } from '../read/read-file.ts'
import {
  ensureObjectsTable,
  forgetObject,
  guardObjects,
  recordedInRows,
  recordObject,
  selectObjects,
  statesInRow,
  statesQuery,
  type ObjectRow,
  type RecordedObject,
  type RecordedState,
} from '../state/table.ts'
import { ObjectsStopped, openBench, type Bench, type BenchContext } from './bench.ts'
import { dropRemoved, leavings } from './remove.ts'
import { bodiesUnread, validateBodies } from './validate-bodies.ts'
import { workOn, type Worked } from './work.ts'

export type ObjectFiles = {
  readonly objects: readonly ObjectText[]
  readonly read: ReadObjects
}

/** Every problem of the files themselves. `path` is the search path of the files. */
export const readInOrder = (
  objects: readonly ObjectText[],
  { parse, deparse }: Pick<Analysis, 'parse' | 'deparse'>,
  path: readonly string[],
): ObjectFiles & { readonly problems: readonly Problem[] } => {
  const read = readObjects(objects, { parse, deparse })
  if (read.problems.length > 0) return { objects, read, problems: read.problems }
  const order = inOrder(read.files, path)
  return order.kind === 'circle'
    ? { objects, read, problems: [order.problem] }
    : { objects, read: { ...read, files: order.files }, problems: [] }
}

export type ObjectsContext = BenchContext & {
  readonly migrationRole: string | undefined
  readonly lockWaitMs: number
  readonly lockRetries: number
  readonly announce: Announce
  readonly runId: string
  readonly lastOrdinal: number
  readonly analysis: Pick<Analysis, 'parse' | 'deparse'>
  /** As this run found them; undefined where none were recorded. */
  readonly statesBefore: readonly RecordedState[] | undefined
}

export type ObjectsResult = {
  readonly changes: readonly ObjectChange[]
  readonly problems: readonly Problem[]
}

/** Throws what making the table throws. What the server refuses is in the result. */
export const applyObjects = async (
  files: ObjectFiles,
  context: ObjectsContext,
): Promise<ObjectsResult> => {
  await ensureObjectsTable(context.locked, context, context.lockWaitMs)
  let done: Done = { changes: [], states: [] }
  const found = await retryOnLockTimeout(folder, context, async () => {
    const tried = await attempt(files, context)
    if (tried.kind !== 'done') return tried
    done = tried
    return { kind: 'applied' }
  })
  if (found !== undefined) return { changes: [], problems: [found] }
  const { changes, states } = done
  for (const change of changes) context.announce({ kind: 'object changed', ...change })
  for (const event of orphanEvents(files.objects, states)) context.announce(event)
  return { changes, problems: [] }
}

const folder = { file: 'migrations/objects', text: '' }

type Done = {
  readonly changes: readonly ObjectChange[]
  /** As they are recorded now. */
  readonly states: readonly RecordedState[]
}

type Tried = (Done & { readonly kind: 'done' }) | Exclude<Attempt, { kind: 'applied' }>

const attempt = async (files: ObjectFiles, context: ObjectsContext): Promise<Tried> => {
  const { work } = context.locked
  const bench = openBench(context)
  try {
    return { kind: 'done', ...(await inTransaction(bench, files, context)) }
  } catch (error) {
    if (!(error instanceof ObjectsStopped)) throw error
    if (error.attempt.kind !== 'lost') await work.send('ROLLBACK')
    return error.attempt
  }
}

const inTransaction = async (
  bench: Bench,
  { objects, read }: ObjectFiles,
  context: ObjectsContext,
): Promise<Done> => {
  const { locked, ledgerSchema, migrationRole, lastOrdinal, runId, analysis } = context
  const fence = { locked, ledgerSchema, migrationRole, lastOrdinal }
  const about = read.files[0] ?? read.removed[0] ?? folder
  await bench.ask(about, opening(context), fenceStart(fence))
  await bench.ask(about, bodiesUnread, guardObjects(context))
  const recorded = recordedInRows(await bench.ask(about, selectObjects(ledgerSchema)))
  const [row] = await bench.ask(about, statesQuery(ledgerSchema))
  const states = statesInRow(row)
  const decided = decideObjects(objects, states)
  const reasons = new Map(decided.toDo.map(({ object, reason }) => [object.entry, reason]))
  const statesBefore = new Map(
    (context.statesBefore ?? []).map(({ identity, state }) => [keyOf(identity), state]),
  )
  const dropped = await dropRemoved(bench, objects, decided.toDrop)
  const work = {
    ...{ bench, deparse: analysis.deparse, files: read.files, recorded, statesBefore },
    statementsOf: earlierStatements(analysis),
    forColumns: new Set(read.files.filter(({ entry }) => reasons.get(entry) === columnsMayBeNew)),
  }
  const worked = await workOn(
    work,
    read.files.filter(({ entry }) => reasons.has(entry)),
  )
  const droppedLater = await dropRemoved(bench, objects, leavings(objects, states, worked))
  await validateBodies(bench, worked)
  const records = await recordsOf(bench, { worked, recorded, files: read.files })
  const gone = [...dropped, ...droppedLater]
  const limits = limitsOf(context)
  await bench.askAsFile(about, runDeferred)
  await bench.ask(
    about,
    resetSession(limits),
    ledgerUntouched(fence, 'in part'),
    guardObjects(context),
    ...gone.map(({ identity }) => forgetObject(ledgerSchema, identity)),
    ...records.map((record) => recordObject(ledgerSchema, record, runId)),
    fenceStart(fence),
    sealed,
    'COMMIT',
  )
  const changes = gone.map(({ identity, entry }): ObjectChange => ({
    ...{ change: 'dropped', object: describeIdentity(identity), byHand: undefined },
    file: objects.find((each) => each.entry === entry)?.file ?? entry,
  }))
  return {
    changes: [...changes, ...worked.changes],
    states: statesAfter(states, { gone, records }),
  }
}

const statesAfter = (
  states: readonly RecordedState[],
  news: { readonly gone: readonly RecordedState[]; readonly records: readonly ObjectRow[] },
): readonly RecordedState[] => {
  const others = new Set([...news.gone, ...news.records].map(({ identity }) => keyOf(identity)))
  return [
    ...states.filter(({ identity }) => !others.has(keyOf(identity))),
    ...news.records.map((record): RecordedState => ({ ...record, state: 'same' })),
  ]
}

const earlierStatements =
  ({ parse, deparse }: Pick<Analysis, 'parse' | 'deparse'>) =>
  (file: ObjectFile, source: string): ObjectFile['belongings'] => {
    const { files } = readObjects([{ ...file, text: source }], { parse, deparse })
    return files[0]?.belongings ?? []
  }

type Recording = {
  readonly worked: Worked
  readonly recorded: ReadonlyMap<string, RecordedObject>
  readonly files: readonly ObjectFile[]
}

/** Of what was looked at, and of what else is another now because of that. */
const recordsOf = async (
  bench: Bench,
  { worked, recorded, files }: Recording,
): Promise<readonly ObjectRow[]> => {
  const { identities, compared, changes } = worked
  const all = files.flatMap((file): readonly (readonly [ObjectFile, Identity])[] => {
    const identity = identities.get(file)
    return identity === undefined ? [] : [[file, identity]]
  })
  const [about] = files
  if (about === undefined) return []
  const found = await bench.definitions(
    about,
    all.map(([, identity]) => identity),
  )
  const made = new Set(changes.filter(({ change }) => change !== 'kept').map(({ file }) => file))
  return all.flatMap(([file, identity]) => {
    const { entry, checksum, text: source } = file
    const key = keyOf(identity)
    // PostgreSQL's own default privileges have no row in the catalog.
    const standard = identity.kind === 'default privileges' ? '' : undefined
    const definition = found.get(key)?.definition ?? standard
    const row = recorded.get(key)
    if (definition === undefined || (!compared.has(file) && row?.definition === definition))
      return []
    const news = made.has(file.file) ? 'made' : 'compared'
    const columns = columnsOf(file)
    return [{ identity, entry, checksum, definition, source, news, columns }]
  })
}
