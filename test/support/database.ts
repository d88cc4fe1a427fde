// One database for each test, on a real server of the version asked for; dropped when the test is over.

import { afterAll, afterEach } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import {
  followLog,
  password,
  superuser,
  type RunningServer,
  type ServerVersion,
} from './servers.ts'

import { preparedTemplate } from './template.ts'

export { until } from './until.ts'

export type TestDatabase = {
  readonly name: string
  readonly url: string
  readonly port: number
  readonly sql: postgres.Sql
  /** A further client, closed after the test: for rivals and blockers. */
  readonly client: () => postgres.Sql
  /** The statements that the server logged for this database, since `log_statement` was set for it. */
  readonly serverLog: () => readonly string[]
  /** Before the test is over: for those that need many. */
  readonly drop: () => Promise<void>
}

const portOf = (version: ServerVersion): number =>
  Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`])

export const databaseUrl = (
  port: number,
  database: string,
  user = superuser,
  secret = password,
): string => `postgresql://${user}:${secret}@127.0.0.1:${port}/${database}`

const connect = (port: number, database: string): postgres.Sql =>
  postgres({
    host: '127.0.0.1',
    port,
    database,
    user: superuser,
    pass: password,
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
  } as postgres.Options<Record<string, never>>)

const administrators = new Map<ServerVersion, postgres.Sql>()
const cleanUps: (() => Promise<unknown>)[] = []

export const administrator = (version: ServerVersion): postgres.Sql => {
  const sql = administrators.get(version) ?? connect(portOf(version), 'postgres')
  administrators.set(version, sql)
  return sql
}

/** `template` is a database that nobody is connected to. */
export const createDatabase = async (
  version: ServerVersion,
  template = preparedTemplate,
): Promise<TestDatabase> => {
  const folder = process.env[`SCHEMAGATE_TEST_FOLDER_${version}`] ?? ''
  return createOn({ port: portOf(version), folder }, administrator(version), template)
}

/** On a server of the test's own, one that it may restart. */
export const createDatabaseOn = (
  server: Pick<RunningServer, 'port' | 'folder'>,
): Promise<TestDatabase> => {
  const admin = connect(server.port, 'postgres')
  cleanUps.push(() => admin.end({ timeout: 1 }))
  return createOn(server, admin, 'template0')
}

const createOn = async (
  { port, folder }: Pick<RunningServer, 'port' | 'folder'>,
  admin: postgres.Sql,
  template: string,
): Promise<TestDatabase> => {
  const name = `gate_${randomBytes(6).toString('hex')}`
  // As files: to write it all to the log costs twice as much, and as much again when it is dropped.
  await admin.unsafe(`CREATE DATABASE ${name} STRATEGY file_copy TEMPLATE ${template}`)
  const clients: postgres.Sql[] = []
  const client = (): postgres.Sql => {
    const opened = connect(port, name)
    clients.push(opened)
    return opened
  }
  const drop = async (): Promise<void> => {
    await Promise.all(clients.map((each) => each.end({ timeout: 1 })))
    await admin.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
  cleanUps.push(drop)
  return {
    name,
    url: databaseUrl(port, name),
    port,
    sql: client(),
    client,
    serverLog: followLog(folder, 'from now on', (line) => line.startsWith(`${name}|`)),
    drop,
  }
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

afterAll(async () => {
  for (const admin of administrators.values()) await admin.end({ timeout: 1 })
  administrators.clear()
})
