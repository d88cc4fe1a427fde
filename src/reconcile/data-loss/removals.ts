// Everything that files would remove, statement by statement, not the net effect: what comes back in the end has lost its rows.
// Each by the name that it has before the first of them runs, because that is what the database can be asked for.

import type { Take, TakenName } from '../../schema/effects/rows/taken-name.ts'
import type { ReadMigration, ReadStatement } from '../../schema/history/history.ts'
import type { Migration } from '../../migrations/migration.ts'
import { keyOfName, makeIdentities, type Identities, type Locate } from './identities.ts'

/** Files in the order in which they run. */
export type Running = {
  readonly read: ReadMigration
  /** How many of its statements an earlier run has done. */
  readonly done: number
}

/** What the database is asked: the first of these that it has, and what would go with it. */
export type LossQuery = Pick<Take, 'how' | 'cascade' | 'candidates'>

/** Something that a file makes, by its name at that time. */
type Creation = { readonly key: string; readonly statement: number }

export type Removal = {
  readonly migration: Migration
  /** -1 where the parser could not read the file. */
  readonly statement: number
  readonly take: Take
  readonly queries: readonly LossQuery[]
  /** What the same file has made or filled before, or seems to, by its name before the files, each with its statement. */
  readonly made: ReadonlyMap<string, number>
  readonly filled: ReadonlyMap<string, number>
  /** All of the same file, also behind this statement. */
  readonly creations: readonly Creation[]
  /** Other statements of the same file that give the same column a type. */
  readonly retypings: readonly number[]
  readonly locate: Locate
}

export const removalsOf = (files: readonly Running[]): readonly Removal[] => {
  const identities = makeIdentities()
  return files.flatMap((file) => removalsIn(file, identities))
}

type Statement = Pick<ReadStatement, 'takes' | 'fills' | 'mayMake' | 'effects'>

const removalsIn = ({ read, done }: Running, identities: Identities): readonly Removal[] => {
  const { migration, statements, embedded } = read
  const log = makeFileLog(identities)
  const all: readonly Statement[] = statements ?? [{ ...embedded, effects: [] }]
  return all.flatMap((each, index) => {
    if (index < done) return []
    const statement = statements === undefined ? -1 : index
    for (const name of each.mayMake) log.make(name, statement)
    const found = each.takes.flatMap((take) => {
      const queries = queriesOf(take, identities)
      if (queries.length === 0) return []
      const retypings = take.how === 'retype' ? log.retype(queries, statement) : []
      const locate = identities.locator()
      return [{ migration, statement, take, queries, retypings, locate, ...log.soFar() }]
    })
    for (const name of each.fills.flat()) log.fill(name, statement)
    for (const effect of each.effects) {
      // OR REPLACE keeps what is there, and makes nothing that holds rows.
      if (effect.kind === 'create' && effect.guard !== 'or replace')
        log.make(effect.object, statement)
      identities.follow(effect)
    }
    return found
  })
}

const queriesOf = (take: Take, identities: Identities): readonly LossQuery[] => {
  const { how, cascade } = take
  const candidates = take.candidates.flatMap((name) => {
    const identity = identities.of(name)
    return identity.kind === 'from before' ? beforeNames(identity.name, name, take) : []
  })
  const moved = take.candidates.flatMap(({ kind, name }) =>
    kind === 'schema' ? identities.movedInto(name) : [],
  )
  return [
    ...(candidates.length === 0 ? [] : [{ how, cascade, candidates }]),
    ...moved.map((name) => ({ how, cascade, candidates: [name] })),
  ]
}

// A name without its schema was renamed wherever the path found it.
const beforeNames = (before: TakenName, name: TakenName, take: Take): readonly TakenName[] =>
  keyOfName(before) === keyOfName(name)
    ? [before]
    : [before, ...take.candidates.map(({ schema }) => ({ ...before, schema }))]

type FileLog = {
  readonly soFar: () => Pick<Removal, 'made' | 'filled' | 'creations'>
  readonly make: (name: TakenName, statement: number) => void
  readonly fill: (name: TakenName, statement: number) => void
  /** The statements of the file that do so, this one left out; those behind it join them. */
  readonly retype: (queries: readonly LossQuery[], statement: number) => readonly number[]
}

/** What one file has done so far. */
const makeFileLog = (identities: Identities): FileLog => {
  const made = new Map<string, number>()
  const filled = new Map<string, number>()
  const creations: Creation[] = []
  const retyped = new Map<string, { readonly statement: number; readonly others: number[] }[]>()
  const note = (notes: Map<string, number>, name: TakenName, statement: number): void => {
    const identity = identities.of(name)
    if (identity.kind === 'from before') notes.set(keyOfName(identity.name), statement)
  }
  return {
    soFar: () => ({ made: new Map(made), filled: new Map(filled), creations }),
    make: (name, statement) => {
      creations.push({ key: keyOfName(name), statement })
      note(made, name, statement)
    },
    fill: (name, statement) => {
      note(filled, name, statement)
    },
    retype: (queries, statement) => {
      const own = { statement, others: [] as number[] }
      for (const key of new Set(queries.flatMap(({ candidates }) => candidates.map(keyOfName)))) {
        const earlier = retyped.get(key) ?? []
        for (const each of earlier) each.others.push(statement)
        own.others.push(...earlier.map((each) => each.statement))
        retyped.set(key, [...earlier, own])
      }
      return own.others
    },
  }
}
