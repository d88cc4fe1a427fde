// A database as another tool leaves it, and the gate on the folder of that tool.

import { createDatabase, type TestDatabase } from './database.ts'
import { dialectFolders, wanted, type DialectFolder } from './dialect-folders.ts'
import { runGate, workFolder, type Finished } from './gate.ts'
import { serverVersions, type ServerVersion } from './servers.ts'
import { toolTables, type ToolTable } from './tool-ledgers.ts'

const [version] = serverVersions

export type Arranged = {
  readonly database: TestDatabase
  readonly gate: (...args: readonly string[]) => Promise<Finished>
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
  readonly tool: ToolTable
  /** Of our own ledger. */
  readonly rows: () => Promise<readonly Readonly<Record<string, string>>[]>
  /** The versions that the tool's ledger has as applied. */
  readonly applied: () => Promise<readonly string[]>
}

export const folderOf = (dialect: string): DialectFolder => {
  const folder = dialectFolders.find((each) => each.dialect === dialect)
  if (folder === undefined) throw new Error(`no folder of ${dialect}`)
  return folder
}

const tableOf = ({ dialect }: DialectFolder): ToolTable => {
  const tool = toolTables[dialect]
  if (tool === undefined) throw new Error(`no table of ${dialect}`)
  return tool
}

type More = {
  readonly environment?: Readonly<Record<string, string>>
  /** The first one when not given. */
  readonly server?: ServerVersion
}

/** As the tool leaves it when it has applied the first `count` files. */
export const arrange = async (
  folder: DialectFolder,
  count: number,
  more: More = {},
): Promise<Arranged> => {
  const tool = tableOf(folder)
  const database = await createDatabase(more.server ?? version)
  const { sql } = database
  for (const statements of wanted.slice(0, count)) await sql.unsafe(statements).simple()
  await sql.unsafe(tool.create).simple()
  for (const row of tool.rows(folder, count)) await sql.unsafe(row).simple()
  const path = workFolder(
    Object.fromEntries(
      Object.entries(folder.files).map(([name, text]) => [`migrations/${name}`, text]),
    ),
  )
  const environment = {
    ...folder.environment,
    ...(folder.because === undefined ? { MIGRATIONS_DIALECT: folder.dialect } : {}),
    DATABASE_URL: database.url,
    ...more.environment,
  }
  return {
    ...{ database, path, environment, tool },
    gate: (...args) => runGate({ args, folder: path, environment }),
    rows: async () =>
      (
        await sql`SELECT version, state, recognised_by FROM schemagate.schema_migrations ORDER BY ordinal`
      ).map((row) => row as Record<string, string>),
    applied: async () => (await sql.unsafe(tool.applied)).map((row) => String(row['version'])),
  }
}
