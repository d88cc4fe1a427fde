// Is what a run applies also written into the ledger of the tool that the files were written for? By itself while the two are in step:
// after a take-over, and as long as nothing was left out.

import type { Config } from '../../../config/config.ts'
import type { LedgerRow } from '../../../database/ledger/ledger-row.ts'
import type { Server } from '../../../database/server/server.ts'
import type { Session } from '../../../database/session/session.ts'
import type { Announce } from '../../../events.ts'
import type { Migration } from '../../../migrations/migration.ts'
import type { FoundLedger } from '../../../tool-ledger/find.ts'
import type { Mirror } from '../../../tool-ledger/mirror.ts'
import { readTakeOver, type TakeOver, type ToolLedgerState } from './take-over.ts'

type Request = {
  readonly migrations: readonly Migration[]
  /** Of our own ledger, before the run. */
  readonly rows: readonly LedgerRow[]
  readonly toolLedger: ToolLedgerState
  readonly server: Server
  readonly config: Pick<Config, 'mirror' | 'migrationRole'>
  readonly announce: Announce
}

/** Reads only. Throws what readTakeOver() throws. */
export const findMirror = async (
  session: Session,
  { migrations, rows, toolLedger, server, config, announce }: Request,
): Promise<Mirror | undefined> => {
  const { mirror: wanted, migrationRole: role } = config
  if (wanted === 'off') return undefined
  const state =
    rows.length === 0
      ? toolLedger
      : await readTakeOver(session, { migrations, rows: [], server, config })
  if (state.kind !== 'taken over') return undefined
  const { tool, table, read } = state.takeOver
  const because = obstacleTo(read.found, missingIn(state.takeOver, rows, migrations), wanted)
  if (because === undefined) {
    announce({ kind: 'tool ledger written', tool, table })
    const base = read.found.ledger.baseOf?.(read.rows, migrations)
    return { tool, found: read.found, base, role }
  }
  announce({ kind: 'tool ledger not written', tool, table, because })
  return undefined
}

const obstacleTo = (
  { writer }: FoundLedger,
  missing: readonly string[],
  wanted: Config['mirror'],
): string | undefined => {
  if (typeof writer !== 'string') return writer.obstacle
  const [first] = missing
  return first === undefined || wanted === 'on'
    ? undefined
    : `it lacks ${missing.length} that are recorded here, the first is ${first}; LEDGER_MIRROR=1 writes to it anyway`
}

/** What is recorded, and the tool does not know. */
const missingIn = (
  { claimed, changed }: TakeOver,
  rows: readonly LedgerRow[],
  migrations: readonly Migration[],
): readonly string[] => {
  const known = new Set([...claimed.map(({ migration }) => migration.version), ...changed])
  const files = new Set(migrations.map(({ version }) => version))
  return rows
    .filter(
      ({ version, state }) => state !== 'running' && files.has(version) && !known.has(version),
    )
    .map(({ name }) => name)
}
