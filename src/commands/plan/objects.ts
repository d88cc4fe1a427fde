// What `run` would do with the objects that are defined once: by checksum, and by what the server says they are now. Nothing is made
// to see what it would be, so that a file that differs in its text alone is among those that are compared.

import type { Config } from '../../config/config.ts'
import type { Session } from '../../database/session/session.ts'
import type { Server } from '../../database/server/server.ts'
import { readNaming } from '../../catalog/facts/read-naming.ts'
import type { Problem } from '../../errors/problem.ts'
import { readInOrder } from '../../objects/apply/apply-objects.ts'
import { decideObjects, columnsMayBeNew, type ObjectToDo } from '../../objects/decide.ts'
import type { ObjectText } from '../../objects/load.ts'
import { describeIdentity } from '../../objects/object-file.ts'
import { columnsOf } from '../../objects/read/columns.ts'
import { readStates, readStatesIfAny, type RecordedState } from '../../objects/state/table.ts'
import { loadDeparser } from '../../sql/tree/deparse.ts'
import { loadParser } from '../../sql/tree/parse.ts'

export type PlannedObject =
  | {
      readonly action: 'compare'
      readonly file: string
      readonly reason: ObjectToDo['reason']
    }
  | { readonly action: 'drop' | 'orphan'; readonly file: string; readonly object: string }

export type PlannedObjects = {
  readonly planned: readonly PlannedObject[]
  readonly problems: readonly Problem[]
}

type PlanContext = {
  readonly config: Config
  readonly server: Server
  /** How many migrations a run would apply before it comes to the objects. */
  readonly pending: number
}

/** In the order in which they would be made. Throws what reading the ledger throws. */
export const planObjects = async (
  session: Session,
  objects: readonly ObjectText[],
  { config, server, pending }: PlanContext,
): Promise<PlannedObjects> => {
  if (objects.length === 0)
    return { planned: orphansIn(await readStatesIfAny(session, config)), problems: [] }
  const parse = await loadParser(await readNaming(session, server, objects))
  const deparse = await loadDeparser(parse)
  const { read, problems } = readInOrder(objects, { parse, deparse }, server.searchPath.schemas)
  if (problems.length > 0) return { planned: [], problems }
  const { toDo, toDrop, orphans } = decideObjects(objects, await readStates(session, config))
  const reasons = new Map(toDo.map(({ object, reason }) => [object.entry, reason]))
  const fileOf = (entry: string): string =>
    objects.find((each) => each.entry === entry)?.file ?? `objects/${entry}`
  const planned: readonly PlannedObject[] = [
    ...read.files.flatMap((each): readonly PlannedObject[] => {
      const { entry, file } = each
      const later = pending > 0 && columnsOf(each) === 'found' ? columnsMayBeNew : undefined
      const reason = reasons.get(entry) ?? later
      return reason === undefined ? [] : [{ action: 'compare', file, reason }]
    }),
    ...toDrop.map(({ identity, entry }): PlannedObject => ({
      ...{ action: 'drop', file: fileOf(entry), object: describeIdentity(identity) },
    })),
    ...orphansIn(orphans),
  ]
  return { planned, problems: [] }
}

const orphansIn = (orphans: readonly RecordedState[] = []): readonly PlannedObject[] =>
  orphans.map(({ identity, entry }) => ({
    ...{ action: 'orphan', file: `objects/${entry}`, object: describeIdentity(identity) },
  }))

export const objectLine = (planned: PlannedObject): string => {
  switch (planned.action) {
    case 'compare':
      return `object  ${planned.file}  ${planned.reason}: would be compared with the database, and applied where it differs`
    case 'drop':
      return `drop    ${planned.object}  ${planned.file} says @drop`
    case 'orphan':
      return `orphan  ${planned.object}  was made from ${planned.file}, which does not define it any more`
  }
}
