// What the check of contracts costs a start: 500 tables with 10,000 columns, in one round trip, beside the plain question for
// the same columns. On one core when it is pinned, as scripts/bench does.

import { tmpdir } from 'node:os'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { readFacts } from '../src/catalog/facts/contract-facts.ts'
import { check, factsNeeded } from '../src/contract/check/check.ts'
import { readContract } from '../src/contract/file/read.ts'
import type { ColumnContract, Contract, LoadedContract } from '../src/contract/contract.ts'
import { openSession } from '../src/database/session/session.ts'
import { startServer } from '../test/support/servers.ts'
import { median } from './compare/median.ts'

const tables = 500
const columns = 20
const runs = Number(process.env['BENCH_RUNS'] ?? 15)

const named = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${name}_${at}`)

const tableSql = (name: string): string =>
  `CREATE TABLE ${name} (id bigint PRIMARY KEY, ${named(columns - 1, 'c')
    .map((column, at) => `${column} ${at % 2 === 0 ? 'varchar(64)' : 'integer DEFAULT 0'} NOT NULL`)
    .join(', ')}); CREATE INDEX ${name}_idx ON ${name} (c_0);`

const contractOf = (definitions: 'with definitions' | 'without'): Contract => ({
  service: 'bench',
  tables: Object.fromEntries(
    named(tables, 't').map((table) => [
      table,
      {
        columns: Object.fromEntries<ColumnContract>([
          ['id', { type: 'bigint', nullable: false }],
          ...named(columns - 1, 'c').map((column, at): [string, ColumnContract] => [
            column,
            {
              type: at % 2 === 0 ? 'character varying(64)' : 'integer',
              nullable: false,
              ...(at % 2 === 1 && definitions === 'with definitions' ? { default: '0' } : {}),
            },
          ]),
        ]),
        ...(definitions === 'without'
          ? { indexes: { [`${table}_idx`]: {} }, constraints: { [`${table}_pkey`]: {} } }
          : {
              indexes: { [`${table}_idx`]: { definition: 'btree (c_0)' } },
              constraints: { [`${table}_pkey`]: { definition: 'PRIMARY KEY (id)' } },
            }),
      },
    ]),
  ),
})

const loaded = (contract: Contract): LoadedContract => {
  const read = readContract('bench.json', Buffer.from(JSON.stringify(contract)))
  if (read.kind === 'bad') throw new Error(JSON.stringify(read.problems[0]))
  return read.loaded
}

const timed = async (work: () => unknown): Promise<number> => {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return median(times)
}

const server = await startServer('18')
const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
try {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined })
  for (const name of named(tables, 't')) await sql.unsafe(tableSql(name)).simple()
  const url = new URL(server.url)
  const session = openSession(
    {
      ...{ name: 'DATABASE_URL', hosts: [url.hostname], ports: [Number(url.port)] },
      ...{ user: url.username, password: url.password, database: 'postgres' },
      ...{ sslMode: 'disable', rootCertificate: undefined, options: undefined },
    },
    'validate',
    { announce: () => undefined, interruption: new AbortController().signal },
  )
  const plain = await timed(
    () => sql`SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
      WHERE table_schema = 'public'`,
  )
  const rows = [`| information_schema.columns of the same tables | ${plain.toFixed(0)} | 1 |`]
  for (const definitions of ['without', 'with definitions'] as const) {
    const contract = contractOf(definitions)
    const load = await timed(() => loaded(contract))
    const one = loaded(contract)
    const checked = await timed(async () => {
      const reply = await readFacts(session, factsNeeded([one]), 5_000)
      if (reply.kind === 'blocked' || check(one, reply.facts).length > 0)
        throw new Error('the contract should hold')
    })
    rows.push(
      `| check, ${definitions === 'without' ? 'types and nullability' : 'defaults, indexes and keys by definition, too'} | ${checked.toFixed(0)} | ${(checked / plain).toFixed(2)} |`,
      `| (reading and validating its file) | ${load.toFixed(0)} | ${(load / plain).toFixed(2)} |`,
    )
  }
  process.stdout.write(
    `| contract of ${tables} tables, ${tables * columns} columns, median of ${runs} | ms | ratio |\n|---|---|---|\n${rows.join('\n')}\n`,
  )
  await session.close()
  await sql.end()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
