// Everything that is read out of the files with the SQL parser, once for a run: it is loaded only when something is
// pending.

import type { Migration } from '../../migrations/migration.ts'
import { loadDeparser, type Deparse } from '../../sql/tree/deparse.ts'
import { loadParser, rememberParsed, type Parse } from '../../sql/tree/parse.ts'
import { utf8, type Naming } from '../../sql/tree/naming.ts'
import { readHistoryYielding, type FindSchemas, type History, type LoginPath } from './history.ts'

export type Analysis = {
  readonly history: History
  readonly parse: Parse
  readonly deparse: Deparse
  readonly naming: Naming
  /** Where the database was asked for names. */
  readonly findSchemas?: FindSchemas
}

export const analyse = async (
  migrations: readonly Migration[],
  loginPath: LoginPath,
  naming: Naming = utf8,
): Promise<Analysis> => {
  const bare = await loadParser(naming)
  const parse = rememberParsed(bare)
  const deparse = await loadDeparser(bare)
  const history = await readHistoryYielding(migrations, { parse, loginPath, naming })
  return { history, parse, deparse, naming }
}
