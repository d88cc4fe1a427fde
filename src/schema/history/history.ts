// All files of a folder, read in their order: the effects of each statement, and what becomes of each object. The entry point of
// this module. Pure: the parser is handed in.

import type { Effect } from '../effects/effect.ts'
import type { Scope, SharedSpace } from '../effects/scope.ts'
import { statementEffects } from '../effects/statement-effects.ts'
import { rowEffectsOf } from '../effects/rows/take.ts'
import { quoteName } from '../../errors/define.ts'
import type { Migration } from '../../migrations/migration.ts'
import { doBody } from '../../sql/tree/do-body.ts'
import { utf8, type Naming } from '../../sql/tree/naming.ts'
import type { Parse, ParsedStatement } from '../../sql/tree/parse.ts'
import { embeddedStatements, noStatements, type EmbeddedStatements } from './embedded-statements.ts'
import { withKeys } from './model/key-indexes.ts'
import { makeModel, type Model } from './model/model.ts'
import { scopeOf } from './scope-of.ts'
import { searchPathSetBy } from './search-path.ts'
import type { Promised, Timeline } from './model/timeline.ts'
import { makeYield } from './event-loop.ts'
import { applyEffect } from './changes/apply-effects.ts'

export type ReadStatement = ParsedStatement & {
  readonly effects: readonly Effect[]
  /** What it does besides that cannot be seen from the text: 'a DO block', 'INSERT'. */
  readonly opaqueReason: string | undefined
  /** The search path that its names are looked for on. */
  readonly path: readonly string[]
} & EmbeddedStatements

export type ReadMigration = {
  readonly migration: Migration
  /** Undefined when the parser could not read the file. */
  readonly statements: readonly ReadStatement[] | undefined
  readonly unreadable: { readonly message: string; readonly index: number } | undefined
  /** Of one that the parser could not read: what shows anyway. */
  readonly embedded: EmbeddedStatements
}

export type History = {
  /** In the order of versions; `Change.at` counts in this list. */
  readonly migrations: readonly ReadMigration[]
  readonly timelines: readonly Timeline[]
  readonly promises: readonly Promised[]
  /** Names without a schema that no file before them has made, where the search path leaves a choice. */
  readonly unresolved: ReadonlySet<string>
}

/** What the database has of `unresolved`: its schemas, by the space and the name. */
export type FindSchemas = (space: SharedSpace, name: string) => readonly string[]

/** The search path that files start with: the login role's, with '"$user"' for the role that they run under. */
export type LoginPath = {
  readonly schemas: readonly string[]
  /** Those of them that the database has. */
  readonly existing: readonly string[]
  /** That role, when it is another than the login role. */
  readonly role?: string | undefined
}

export type HistoryOptions = {
  readonly parse: Parse
  /** PostgreSQL's own default when not given. */
  readonly loginPath?: LoginPath
  /** That of UTF-8 when not given. */
  readonly naming?: Naming
  readonly findSchemas?: FindSchemas
  /** Sees each statement before it is put into the model, with the model as it is then. */
  readonly onStatement?: (
    statement: ReadStatement,
    migration: Migration,
    model: Model,
    searchPath: readonly string[],
  ) => void
}

const defaultPath: LoginPath = { schemas: ['public'], existing: ['public'] }

export const readHistory = (migrations: readonly Migration[], options: HistoryOptions): History => {
  const { read, historyOf } = makeReader(options)
  return historyOf(migrations.map(read))
}

/** The same, with turns of the event loop between the files: for who holds the migration lock meanwhile. */
export const readHistoryYielding = async (
  migrations: readonly Migration[],
  options: HistoryOptions,
): Promise<History> => {
  const { read, historyOf } = makeReader(options)
  const yieldNow = makeYield()
  const all: ReadMigration[] = []
  for (const [at, migration] of migrations.entries()) {
    all.push(read(migration, at))
    await yieldNow()
  }
  return historyOf(all)
}

type Reader = {
  /** To be called for one file after the other. */
  readonly read: (migration: Migration, at: number) => ReadMigration
  readonly historyOf: (read: readonly ReadMigration[]) => History
}

const makeReader = (options: HistoryOptions): Reader => {
  const { parse, loginPath = defaultPath, naming = utf8, onStatement } = options
  const model = makeModel(naming)
  const unresolved = new Set<string>()
  const scopeOn = scopesOf(model, unresolved, options)
  const read: Reader['read'] = (migration, at) => {
    const parsed = parse(migration.text)
    const temporary = new Set<string>()
    if (parsed.kind === 'unreadable') {
      const scope = { ...scopeOn(usable(loginPath, model)), temporary }
      const embedded = embeddedStatements(migration.text, parse, scope)
      const { message, index } = parsed
      return { migration, statements: undefined, unreadable: { message, index }, embedded }
    }
    // Undefined while it is the login role's own.
    let set: readonly string[] | undefined
    let last: ReadStatement | undefined
    const statements = parsed.statements.map((statement, index): ReadStatement => {
      // One of thousands of INSERTs that differ in constants only (sql/tree/repeated-inserts.ts).
      if (statement.node === last?.node && last.effects.length === 0 && onStatement === undefined)
        return { ...last, ...statement }
      const change = searchPathSetBy(statement.node)
      if (change !== undefined) set = change.path
      const path = set ?? usable(loginPath, model)
      const scope = { ...scopeOn(path), temporary }
      // Before its effects: they take a temporary table of its name out of sight.
      const rowEffects = rowEffectsOf(statement.node, scope)
      const { effects, opaqueReason } = statementEffects(statement.node, scope)
      const inside = embeddedStatements(doBody(statement.node) ?? '', parse, scope)
      const found = {
        ...statement,
        effects,
        opaqueReason: change === undefined ? opaqueReason : undefined,
        takes: [...rowEffects.takes, ...inside.takes],
        fills: [...rowEffects.fills, ...inside.fills],
        mayMake: [...inside.mayMake, ...rowEffects.untrackedCreations],
        within: inside.within,
        path,
      }
      onStatement?.(found, migration, model, path)
      const step = { at, statement: index, path: set?.map(quoteName).join(', ') }
      for (const effect of effects) applyEffect(model, effect, step)
      last = found
      return found
    })
    return { migration, statements, unreadable: undefined, embedded: noStatements }
  }
  return {
    read,
    historyOf: (all) => ({
      migrations: all,
      timelines: withKeys(model.timelines()),
      promises: model.promises,
      unresolved,
    }),
  }
}

const scopesOf =
  (model: Model, unresolved: Set<string>, { findSchemas }: HistoryOptions) =>
  (path: readonly string[]): Omit<Scope, 'chosen'> => ({
    ...scopeOf(model, path),
    elsewhere: (space, name) => {
      if (path.length > 1) unresolved.add(name)
      const schemas = findSchemas?.(space, name) ?? []
      return path.find((schema) => schemas.includes(schema))
    },
  })

// A schema of the path counts from when it exists.
const usable = ({ schemas, existing }: LoginPath, model: Model): readonly string[] =>
  schemas.filter(
    (name) =>
      existing.includes(name) ||
      model.find({ kind: 'schema', schema: '', table: '', name })?.isPresent === true,
  )
