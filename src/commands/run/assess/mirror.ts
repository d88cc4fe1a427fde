// Is what a run applies also written into the ledger of the tool that the files were written for? By itself while the two are in step:
// after a take-over, and as long as nothing was left out.

import type { Config } from '../../../config/config.ts'
import type { Announce } from '../../../events.ts'
import type { Migration } from '../../../migrations/migration.ts'
import type { FoundLedger } from '../../../tool-ledger/find.ts'
import type { Mirror } from '../../../tool-ledger/mirror.ts'
import type { ToolLedgerState } from './take-over.ts'

type Request = {
  readonly migrations: readonly Migration[]
  readonly toolLedger: ToolLedgerState
  /** What is recorded already, or is before the files that run in their order. */
  readonly recorded: readonly Pick<Migration, 'version'>[]
  readonly config: Pick<Config, 'mirror' | 'migrationRole'>
  readonly announce: Announce
}

export const findMirror = ({
  migrations,
  toolLedger,
  recorded,
  config,
  announce,
}: Request): Mirror | undefined => {
  const { mirror: wanted, migrationRole: role } = config
  if (wanted === 'off' || toolLedger.kind !== 'taken over') return undefined
  const { tool, table, read, lacks } = toolLedger.takeOver
  const because = obstacleTo(read.found, lacks, wanted)
  if (because === undefined) {
    announce({ kind: 'tool ledger written', tool, table })
    const base = read.found.ledger.baseOf?.(read.rows, migrations)
    const implied = impliedBy(read.found, migrations, recorded)
    return { tool, found: read.found, base, implied, role }
  }
  announce({ kind: 'tool ledger not written', tool, table, because })
  return undefined
}

const impliedBy = (
  { ledger }: FoundLedger,
  migrations: readonly Migration[],
  recorded: Request['recorded'],
): ReadonlySet<string> => {
  if (ledger.keeps !== 'a number') return new Set()
  const known = new Set(recorded.map(({ version }) => version))
  const last = migrations.findLastIndex(({ version }) => known.has(version))
  return new Set(migrations.slice(0, last + 1).map(({ version }) => version))
}

const obstacleTo = (
  { writer }: FoundLedger,
  lacks: readonly string[],
  wanted: Config['mirror'],
): string | undefined => {
  if (typeof writer !== 'string') return writer.obstacle
  const [first] = lacks
  return first === undefined || wanted === 'on'
    ? undefined
    : `it lacks ${lacks.length} that are recorded here, the first is ${first}; LEDGER_MIRROR=1 writes to it anyway`
}
