// What was seen of a project as JSON. Names are in snake case, like the ledger's columns.

import packageJson from '../../../package.json' with { type: 'json' }
import { problemJson } from '../../report/formats/problem-json.ts'
import { planJson } from '../plan/plan-json.ts'
import type { ToolLedgerState } from '../run/assess/take-over.ts'
import type { DatabaseSeen, FolderSeen } from './look.ts'
import type { ProjectSeen } from './seen.ts'

export const projectJson = (
  { folder, database, refusals, service, written }: ProjectSeen,
  exitCode: number,
): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  exit_code: exitCode,
  folder: folderJson(folder),
  database: database === undefined ? undefined : databaseJson(database),
  plan: database?.plan === undefined ? undefined : planJson(database.plan),
  compose: service,
  written,
  problems: refusals.map(problemJson),
})

const folderJson = ({ shown, state, dialect, migrations, objects }: FolderSeen): unknown => ({
  path: shown,
  state,
  files: migrations.length,
  objects: objects.length,
  dialect:
    dialect === undefined
      ? undefined
      : { name: dialect.name, because: dialect.because, down_parts: dialect.downParts },
})

const databaseJson = (seen: DatabaseSeen): unknown => ({
  name: seen.name,
  server_version: seen.serverVersion,
  ledger: seen.ledger,
  tool_ledger: toolLedgerJson(seen.toolLedger),
  mirror: seen.mirror === 'written',
  other_ledgers: seen.otherLedgers,
})

const toolLedgerJson = (state: ToolLedgerState): unknown => {
  if (state.kind === 'none') return undefined
  const { kind, ...rest } = state
  if (!('takeOver' in rest)) return { ...rest, state: kind }
  const { tool, table, read, applied, unfinished, unknown } = rest.takeOver
  return {
    ...{ state: 'readable', tool, table, rows: read.rows.length, claimed: applied },
    unfinished: [...unfinished.keys()],
    unknown_versions: unknown,
  }
}
