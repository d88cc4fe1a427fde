// Everything that is read out of the files with the SQL parser, once for a run: it is loaded only when something is
// pending.

import type { Migration } from '../../migrations/migration.ts'
import { loadDeparser, type Deparse } from '../../sql/deparse.ts'
import { loadParser, rememberParsed, type Parse } from '../../sql/parse.ts'
import { readHistoryYielding, type History, type LoginPath } from './history.ts'

export type Analysis = {
  readonly history: History
  readonly parse: Parse
  readonly deparse: Deparse
}

export const analyse = async (
  migrations: readonly Migration[],
  loginPath: LoginPath,
): Promise<Analysis> => {
  const bare = await loadParser()
  const parse = rememberParsed(bare)
  const deparse = await loadDeparser(bare)
  return { history: await readHistoryYielding(migrations, { parse, loginPath }), parse, deparse }
}
