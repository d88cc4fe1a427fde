// The files of migrations/objects/ that are recorded as they are: what they make is compared as what migrations make is. Kinds that no
// history of migrations has are compared with what was recorded of them.

import { readNaming } from '../../catalog/facts/read-naming.ts'
import type { Config } from '../../config/config.ts'
import { reading } from '../../database/own-sql.ts'
import type { Server } from '../../database/server/server.ts'
import type { Row } from '../../database/session/reply.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { SchemagateError } from '../../errors/problem.ts'
import { readInOrder } from '../../objects/apply/apply-objects.ts'
import type { ObjectText } from '../../objects/load.ts'
import { isFollowed, keyOf, type Identity, type ObjectFile } from '../../objects/object-file.ts'
import { byHandOf } from '../../objects/state/changed.ts'
import { definitionsQuery, readDefinitions, wording } from '../../objects/state/definitions.ts'
import {
  guardObjects,
  isAsRecorded,
  readStates,
  recordedInRows,
  selectObjects,
  type RecordedState,
} from '../../objects/state/table.ts'
import type { Drift, DriftItem } from '../../reconcile/drift/item.ts'
import type { ObjectName } from '../../schema/effects/effect.ts'
import { loadDeparser } from '../../sql/tree/deparse.ts'
import { loadParser } from '../../sql/tree/parse.ts'
import { placeAt } from '../../sql/text/offsets.ts'

type RecordedFile = { readonly file: ObjectFile; readonly state: RecordedState }

type Objects = {
  /** In the order of their needs. */
  readonly recorded: readonly RecordedFile[]
  /** Recorded with another text. */
  readonly changed: readonly RecordedFile[]
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
  const known = read.files.flatMap((file): readonly RecordedFile[] => {
    const ofFile = states.filter(({ entry }) => entry === file.entry)
    const state = ofFile.find(({ checksum }) => checksum === file.checksum) ?? ofFile[0]
    return state === undefined ? [] : [{ file, state }]
  })
  const isRecorded = ({ file, state }: RecordedFile): boolean => file.checksum === state.checksum
  return { recorded: known.filter(isRecorded), changed: known.filter((each) => !isRecorded(each)) }
}

/** Those that a dump without privileges says nothing of. */
export const onlyPrivileges = ({ recorded, changed }: Objects): Objects => {
  const isPrivilege = ({ file }: RecordedFile): boolean =>
    file.defines.kind === 'default privileges'
  return { recorded: recorded.filter(isPrivilege), changed: changed.filter(isPrivilege) }
}

/** `drift` with those of which it does not show what they are. Throws what reading the ledger throws. */
export const withRecordedKinds = async (
  session: Session,
  config: Config,
  { drift, objects }: { readonly drift: Drift; readonly objects: Objects },
): Promise<Drift> => {
  const isOther = ({ file }: RecordedFile): boolean => !isFollowed(file.defines)
  const others = objects.recorded.filter(isOther)
  const files = new Set(others.map(({ file }) => file.file))
  const items = await itemsOf(
    session,
    config,
    others.filter(({ state }) => !isAsRecorded(state)),
  )
  const plain = ({ schema, name }: Pick<Identity, 'schema' | 'name'>): string =>
    `${schema}.${name.replace(/\(.*$/s, '')}`
  const names = new Set(
    [...others, ...objects.changed.filter(isOther)].map(({ state }) => plain(state.identity)),
  )
  // To the catalog it is a function.
  const isTheirs = ({ kind, object }: DriftItem): boolean =>
    kind === 'extra' && object.kind === 'function' && names.has(plain(object))
  return {
    ...drift,
    items: [...drift.items.filter((item) => !isTheirs(item)), ...items],
    unsure: drift.unsure.filter((item) => !isTheirs(item)),
    unseen: drift.unseen.filter(({ file }) => !files.has(file)),
    compared: drift.compared + others.length,
  }
}

const itemsOf = async (
  session: Session,
  config: Config,
  apart: readonly RecordedFile[],
): Promise<readonly DriftItem[]> => {
  if (apart.length === 0) return []
  const ask = async (...statements: readonly string[]): Promise<readonly Row[]> =>
    rowsOf(session, await session.send(reading(guardObjects(config), ...statements)))
  const recorded = recordedInRows(await ask(selectObjects(config.ledgerSchema)))
  const identities = apart.map(({ state }) => state.identity)
  const found = readDefinitions(await ask(wording, definitionsQuery(identities)))
  return apart.map(({ file, state: { identity } }): DriftItem => {
    const key = keyOf(identity)
    const byHand = byHandOf(recorded.get(key), found.get(key))
    const { schema, relation: table, name } = identity
    const common = {
      // Of a kind that no migration makes; it is only shown and matched.
      object: { kind: identity.kind as ObjectName['kind'], schema, table, name },
      place: placeAt(file.file, file.text, (file.main ?? file.belongings[0])?.start ?? 0),
      perhaps: undefined,
    }
    const isChanged = byHand?.what === 'changed'
    return {
      ...{ ...common, kind: isChanged ? 'different' : 'missing' },
      property: isChanged ? 'definition' : undefined,
      expected: isChanged ? byHand.recorded.join('\n') || undefined : undefined,
      found: isChanged ? byHand.found.join('\n') || undefined : undefined,
    }
  })
}
