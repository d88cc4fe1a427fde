// `drift --exact`: the recorded files run in a scratch database, and its catalog is compared with the database's, paragraph by
// paragraph of a dump of each. Also sees what no text shows. In the database itself nothing is executed.

import type { DumpedObject } from '../../catalog/dump/paragraphs.ts'
import { renderDump } from '../../catalog/dump/render.ts'
import { dumpSchema, type DumpOptions } from '../../catalog/dump/dump.ts'
import type { Connected } from '../../database/connect/connect.ts'
import { describeEndpoint } from '../../config/endpoint.ts'
import type { Session } from '../../database/session/session.ts'
import { fail } from '../../errors/problem.ts'
import type { Drift, DriftItem } from '../../reconcile/drift/item.ts'
import { checksumOf, type Migration, type MigrationVersion } from '../../migrations/migration.ts'
import { placeOfChange } from '../../reconcile/refuse.ts'
import { objectKey, type ObjectKind, type ObjectName } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'
import { withScratchDatabase, type ScratchRequest } from '../scratch/scratch.ts'

export type ExactRequest = Pick<ScratchRequest, 'config' | 'context' | 'files'> & {
  readonly database: Connected<unknown>
  /** Of the recorded files: which statement made what. */
  readonly history: History
}

// Owners, rights and rows are not compared: they differ from one environment to the next.
const asked: DumpOptions = {
  ...{ schemas: undefined, owners: 'without owners', privileges: 'without privileges' },
  timeoutMs: 5_000,
}

/** Throws what withScratchDatabase() and dumpSchema() throw, and `scratch-not-usable` for a server of another version. */
export const findExactDrift = async ({
  database,
  history,
  ...request
}: ExactRequest): Promise<Drift> => {
  const scratch = { ...request, command: 'drift --exact', database: database.session }
  const wanted = await withScratchDatabase(scratch, (built) => {
    requireSameVersion(built, database)
    return dumpSchema(built.session, asked)
  })
  const found = await dumpSchema(database.session, asked)
  const drift = compareDumps([wanted], found, history)
  if (!drift.items.some(({ kind }) => kind === 'different')) return drift
  // The server writes some expressions otherwise once they were read from its own words: a database that was restored has those.
  const files = { migrations: [asFile(renderDump(wanted))], objects: [] }
  const reloaded = await withScratchDatabase({ ...scratch, files }, ({ session }) =>
    dumpSchema(session, asked),
  )
  return compareDumps([wanted, reloaded], found, history)
}

const asFile = (text: string): Migration => ({
  ...{
    version: '1' as MigrationVersion,
    name: '1_dump.sql',
    file: 'the dump of the scratch database',
  },
  ...{ text, checksum: checksumOf(text), directives: {} },
})

// The words of one version are not those of another.
const requireSameVersion = (
  { session, server }: { readonly session: Session; readonly server: Connected<unknown>['server'] },
  database: Connected<unknown>,
): void => {
  const [own, other] = [majorOf(server.version), majorOf(database.server.version)]
  if (own !== other)
    fail('scratch-not-usable', {
      endpoint: describeEndpoint(session.endpoint),
      reason: `it is PostgreSQL ${own}, and the database is PostgreSQL ${other}`,
      cure: `Name a server of PostgreSQL ${other} in SCRATCH_URL: another version has other words for the same definition.`,
    })
}

const majorOf = (version: string): string => version.split('.')[0] ?? version

/** In the order of the dumps: what the files make, then what no file makes. `others` are the same in other words. Pure. */
const compareDumps = (
  [wanted = [], ...others]: readonly (readonly DumpedObject[])[],
  found: readonly DumpedObject[],
  history: History,
): Drift => {
  const there = new Map(found.map((each) => [keyOf(each), each]))
  const made = new Set(wanted.map(keyOf))
  const places = placesIn(history)
  const words = new Map(others.flat().map((each) => [keyOf(each), each.sql]))
  const items = [
    ...wanted.flatMap((each): readonly DriftItem[] => {
      const other = there.get(keyOf(each))
      const same = [each.sql, words.get(keyOf(each))]
      if (other !== undefined && same.includes(other.sql)) return []
      const item = itemOf(each, places)
      return other === undefined
        ? [{ ...item, kind: 'missing' }]
        : [{ ...item, kind: 'different', property: 'definition', ...linesApart(each, other) }]
    }),
    ...found
      .filter((each) => !made.has(keyOf(each)))
      .map((each): DriftItem => ({ ...itemOf(each, places), kind: 'extra' })),
  ]
  return { items, unsure: [], unseen: [], compared: wanted.length }
}

const keyOf = ({ kind, name }: DumpedObject): string => JSON.stringify([kind, name])

// Of the two, the lines that the other does not have; all of them where only their order differs.
const linesApart = (
  one: DumpedObject,
  other: DumpedObject,
): Pick<DriftItem, 'expected' | 'found'> => {
  const [own, others] = [linesOf(one), linesOf(other)]
  const only = (lines: readonly string[], without: readonly string[]): string =>
    lines.filter((line) => !without.includes(line)).join('\n')
  const [expected, found] = [only(own, others), only(others, own)]
  return expected === '' && found === ''
    ? { expected: own.join('\n'), found: others.join('\n') }
    : { expected: expected || undefined, found: found || undefined }
}

// The last line of a list has no comma behind it, which is not a difference.
const linesOf = ({ sql }: DumpedObject): readonly string[] =>
  sql.split('\n').map((line) => line.trim().replace(/,$/, ''))

// Names of a dump have dots between their parts. A dot within a name is taken for one of those: the name is only shown and matched.
const nameOf = ({ kind: said, name }: DumpedObject): ObjectName => {
  const kind = said as ObjectKind
  const [schema = '', table = '', ...rest] = name.replace(/\(.*$/s, '').split('.')
  if (table === '') return { kind, schema: '', table: '', name }
  const behind = name.slice(schema.length + 1)
  if (rest.length === 0) return { kind, schema, table: '', name: behind }
  const last = behind.slice(table.length + 1)
  // An index is named without its table, as everywhere else.
  return { kind, schema, table: kind === 'index' ? '' : table, name: last }
}

const itemOf = (
  dumped: DumpedObject,
  places: ReadonlyMap<string, DriftItem['place']>,
): Omit<DriftItem, 'kind'> => {
  const object = nameOf(dumped)
  return {
    ...{ object, property: undefined, expected: undefined, found: undefined, perhaps: undefined },
    place: places.get(placeKey(object)),
  }
}

// The server may write the arguments of a function otherwise than a file.
const placeKey = (object: ObjectName): string =>
  objectKey({ ...object, name: object.name.replace(/\(.*$/s, '') })

const placesIn = (history: History): ReadonlyMap<string, DriftItem['place']> =>
  new Map(
    history.timelines.flatMap(({ object, property, changes }) => {
      const last = changes.at(-1)
      return property === 'existence' && last !== undefined
        ? [[placeKey(object), placeOfChange(last, history)] as const]
        : []
    }),
  )
