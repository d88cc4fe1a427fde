// The files of migrations/objects/ that are recorded as they are: what they make is compared as what migrations make is.

import { readNaming } from '../../catalog/facts/read-naming.ts'
import type { Config } from '../../config/config.ts'
import type { Server } from '../../database/server/server.ts'
import type { Session } from '../../database/session/session.ts'
import { SchemagateError } from '../../errors/problem.ts'
import { readInOrder } from '../../objects/apply/apply-objects.ts'
import type { ObjectText } from '../../objects/load.ts'
import { readStates } from '../../objects/state/table.ts'
import { loadDeparser } from '../../sql/tree/deparse.ts'
import { loadParser } from '../../sql/tree/parse.ts'

type Objects = {
  /** In the order of their needs. */
  readonly recorded: readonly ObjectText[]
  /** Recorded with another text. */
  readonly changed: readonly ObjectText[]
}

/** Throws what is wrong with the files, and what reading the ledger throws. */
export const recordedObjects = async (
  session: Session,
  objects: readonly ObjectText[],
  { config, server }: { readonly config: Config; readonly server: Server },
): Promise<Objects> => {
  if (objects.length === 0) return { recorded: [], changed: [] }
  const parse = await loadParser(await readNaming(session, server, objects))
  const deparse = await loadDeparser(parse)
  const { read, problems } = readInOrder(objects, { parse, deparse }, server.searchPath.schemas)
  if (problems.length > 0) throw new SchemagateError(problems)
  const states = (await readStates(session, config)) ?? []
  const isRecorded = ({ entry, checksum }: ObjectText): boolean =>
    states.some((state) => state.entry === entry && state.checksum === checksum)
  const recorded = read.files.filter(isRecorded)
  const changed = read.files.filter(
    (file) => !isRecorded(file) && states.some(({ entry }) => entry === file.entry),
  )
  return { recorded, changed }
}
