// What a run has to do with the objects that are defined once: asked with its first message where there are files of them, and applied
// under the lock when the migrations are through.

import type { InitialQueries } from '../../../database/connect/connect.ts'
import { ownPath } from '../../../database/own-sql.ts'
import type { Session } from '../../../database/session/session.ts'
import { loadPart } from '../../../errors/part.ts'
import { areObjectsDone, decideObjects } from '../../../objects/decide.ts'
import type { ObjectText } from '../../../objects/load.ts'
import type { RecordedState } from '../../../objects/state/table.ts'
import { objectTables, type LedgerAt } from '../../../database/ledger/trust.ts'
import { literal } from '../../../database/literal.ts'
import type { StateSeen } from '../../validate/read-state.ts'
import type { Run } from '../run.ts'

/** What a first look shows. */
export type Seen = StateSeen & {
  /** Undefined where nothing was ever recorded, or there are no files of objects. */
  readonly objects?: readonly RecordedState[] | undefined
}

export type FirstLook = {
  readonly initialQueries: InitialQueries<Seen>
  readonly first: (session: Session) => Promise<Seen>
}

/** Where there are no files it only looks whether there were some: what they have made is without a definition now. */
export const withObjects = async (
  look: FirstLook,
  objects: readonly ObjectText[],
  at: LedgerAt,
): Promise<FirstLook> => {
  if (objects.length === 0) return withOrphans(look, at)
  const { readStates, statesInRow, statesStatements } = await loadPart(
    'objects',
    import('../../../objects/state/table.ts'),
  )
  const { initialQueries, first } = look
  return {
    initialQueries: {
      statements: [...initialQueries.statements, ownPath, ...statesStatements(at)],
      read: async (session, rows) => ({
        ...(await initialQueries.read(session, rows.slice(0, -1))),
        objects: statesInRow(rows.at(-1)),
      }),
    },
    first: async (session) => {
      const [seen, states] = await Promise.all([first(session), readStates(session, at)])
      return { ...seen, objects: states }
    },
  }
}

const withOrphans = ({ initialQueries, first }: FirstLook, at: LedgerAt): FirstLook => ({
  initialQueries: {
    statements: [...initialQueries.statements, wereRecorded(at)],
    read: async (session, rows) => {
      const seen = await initialQueries.read(session, rows.slice(0, -1))
      if (rows.at(-1)?.['recorded'] !== true) return seen
      const { readStatesIfAny } = await loadPart(
        'objects',
        import('../../../objects/state/table.ts'),
      )
      return { ...seen, objects: await readStatesIfAny(session, at) }
    },
  },
  // Without a ledger nothing is recorded.
  first,
})

const wereRecorded = ({ ledgerSchema }: LedgerAt): string =>
  `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${literal(ledgerSchema)} AND c.relname IN (${objectTables.map(literal).join(', ')})) AS recorded`

type Asked = Pick<Run, 'objects' | 'intent'>

/** Who only adopts leaves them to the next run. */
export const areDone = ({ objects, intent }: Asked, seen: Pick<Seen, 'objects'>): boolean =>
  intent === 'adopt' || areObjectsDone(decideObjects(objects, seen.objects))

export const areDoneMeanwhile = async (
  { objects, config, intent }: Asked & Pick<Run, 'config'>,
  session: Session,
): Promise<boolean> => {
  if (objects.length === 0) return true
  const { readStates } = await loadPart('objects', import('../../../objects/state/table.ts'))
  return areDone({ objects, intent }, { objects: await readStates(session, config) })
}
