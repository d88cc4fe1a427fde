// All files of a folder, read in their order: the effects of each statement, and what becomes of each object. The door of
// this room. Pure: the parser is handed in.

import type { Effect } from '../effects/effect.ts'
import { statementEffects } from '../effects/statement-effects.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Parse, ParsedStatement } from '../sql/parse.ts'
import { makeModel, type Model } from './model.ts'
import { searchPathSetBy } from './search-path.ts'
import type { Timeline } from './timeline.ts'
import { put } from './walk.ts'

export type ReadStatement = ParsedStatement & {
  readonly effects: readonly Effect[]
  /** What it does besides that cannot be seen from the text: 'a DO block', 'INSERT'. */
  readonly unseen: string | undefined
}

export type ReadMigration = {
  readonly migration: Migration
  /** Undefined when the parser could not read the file. */
  readonly statements: readonly ReadStatement[] | undefined
  readonly unreadable: { readonly message: string; readonly index: number } | undefined
}

export type History = {
  /** In the order of versions; `Change.at` counts in this list. */
  readonly migrations: readonly ReadMigration[]
  readonly timelines: readonly Timeline[]
}

export type HistoryOptions = {
  readonly parse: Parse
  /** Of the login role, without what does not exist before the history; '"$user"' resolved. */
  readonly searchPath?: readonly string[]
  /** Sees each statement before it is put into the model, with the model as it is then. */
  readonly onStatement?: (statement: ReadStatement, migration: Migration, model: Model) => void
}

const defaultSearchPath = ['public']

export const readHistory = (
  migrations: readonly Migration[],
  { parse, searchPath = defaultSearchPath, onStatement }: HistoryOptions,
): History => {
  const model = makeModel()
  const read = migrations.map((migration, at): ReadMigration => {
    const parsed = parse(migration.text)
    if (parsed.kind === 'unreadable')
      return {
        migration,
        statements: undefined,
        unreadable: { message: parsed.message, index: parsed.index },
      }
    let path = searchPath
    const statements = parsed.statements.map((statement, index): ReadStatement => {
      const set = searchPathSetBy(statement.node, searchPath)
      path = set ?? path
      const { effects, unseen } = statementEffects(statement.node, model.scope(path))
      const found = { ...statement, effects, unseen: set === undefined ? unseen : undefined }
      onStatement?.(found, migration, model)
      for (const effect of found.effects) put(model, effect, { at, statement: index })
      return found
    })
    return { migration, statements, unreadable: undefined }
  })
  return { migrations: read, timelines: model.timelines() }
}
