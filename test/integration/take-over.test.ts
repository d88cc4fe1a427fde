// A database that another tool has migrated, with that tool's ledger: its rows are claims, which the gate checks and takes over.

import { describe, expect, test } from '@jest/globals'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { dialectFolders, wanted } from '../support/dialect-folders.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'
import { arrange } from '../support/take-over.ts'
import type { ToolTable } from '../support/tool-ledgers.ts'

const madeByHand = async (tool: ToolTable, server: ServerVersion): Promise<readonly string[]> => {
  const { sql, ...database } = await createDatabase(server)
  for (const statements of wanted) await sql.unsafe(statements).simple()
  await sql.unsafe(tool.create).simple()
  return readCatalog({ ...database, sql })
}

/** At every place of a history; the others, which are read alike, at one. On every server at one. */
const walked = ['golang-migrate', 'goose', 'flyway', 'prisma', 'atlas']

/** The rows of the tool's ledger, without what differs from one time to the next, and what the tool says of itself. */
const withoutTimes = async (
  { sql }: TestDatabase,
  tool: ToolTable,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const rows = await sql.unsafe(`SELECT * FROM ${tool.table} t ORDER BY ${tool.orderBy}`)
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !varying.has(name))),
  )
}

const varying = new Set([
  ...[
    'tstamp',
    'run_on',
    'applied_at',
    'date',
    'started_at',
    'finished_at',
    'installed_on',
    'executed_at',
    'dateexecuted',
    'committed_at',
    'committer_name',
    'committer_email',
    'deployment_id',
    'liquibase',
  ],
  ...[
    'id',
    'execution_time',
    'operator_version',
    'description',
    'hasura_uuid',
    'upgraded_on',
    'applied',
    'total',
  ],
  ...['statements', 'name'],
])

const everyPlace = serverVersions.flatMap((server, nth) =>
  dialectFolders.flatMap((folder) =>
    (nth === 0 && walked.includes(folder.dialect) ? [0, 1, 2, 3, 4] : [2]).map((count) => ({
      ...{ dialect: folder.dialect, count, folder, server },
    })),
  ),
)

describe.each(everyPlace)('$dialect after $count files, on PostgreSQL $server', (place) => {
  const { folder, count, dialect, server } = place

  test('is taken over, and what is missing is applied', async () => {
    const { database, gate, tool, rows, applied } = await arrange(folder, count, { server })
    const before = await readCatalog(database)
    const plan = await gate('plan', '--json')
    expect(plan).toMatchObject({ exitCode: 0 })
    const { migrations } = JSON.parse(plan.stdout) as {
      migrations: readonly { action: string; recognised_by?: string }[]
    }
    expect(migrations.map(({ action }) => action)).toEqual(
      folder.versions.map((_, at) => (at < count ? 'mark' : 'run')),
    )
    expect(await readCatalog(database)).toEqual(before)
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain(`${tool.table} of`)
    const found = await rows()
    expect(found.map((row) => row['state'])).toEqual(
      folder.versions.map((_, at) => (at < count ? 'reconciled' : 'applied')),
    )
    const sums = tool.edited === undefined ? '' : 'checksum equal, '
    expect(found.slice(0, count).map((row) => row['recognised_by'])).toEqual(
      folder.versions
        .slice(0, count)
        .map((each, at) =>
          expect.stringMatching(
            `^${dialect} ${each.replace('B', 'B?')} \\(${dialect === 'flyway' && each.startsWith('B') ? '' : sums}${objects[at] ?? ''}\\)$`,
          ),
        ),
    )
    expect(await readCatalog(database)).toEqual(await madeByHand(tool, server))
    // Its own ledger has all of it, as if the tool had gone on.
    const asByTool = await arrange(folder, folder.versions.length, { server })
    expect(await applied()).toEqual(await asByTool.applied())
    expect(await withoutTimes(database, tool)).toEqual(await withoutTimes(asByTool.database, tool))
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
  })
})

const objects = [
  '\\d objects compared',
  '\\d objects compared',
  '1 object compared',
  '1 object compared',
]
