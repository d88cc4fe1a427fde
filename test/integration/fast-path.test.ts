import { describe, expect, test } from '@jest/globals'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { administrator, createDatabase, until } from '../support/database.ts'
import { firstQuestion } from '../support/first-question.ts'
import { bundle, runGate, temporaryFolder, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const files = {
  'migrations/1_a.sql': 'CREATE TABLE a (id int)',
  'migrations/2_b.sql': 'CREATE TABLE b (id int)',
}

/** What the bundle imports at once, and what that does. */
const partsLoadedFirst = (): ReadonlySet<string> => {
  const found = new Set<string>()
  const follow = (file: string): void => {
    const text = readFileSync(join(dirname(bundle), file), 'utf8')
    const imports = file.startsWith('parts/')
      ? text.matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)
      : text.matchAll(/"\.\/parts\/([\w-]+\.js)"/g)
    for (const [, name = ''] of imports) {
      if (found.has(`parts/${name}`)) continue
      found.add(`parts/${name}`)
      follow(`parts/${name}`)
    }
  }
  follow('schemagate.js')
  return found
}

describe.each(serverVersions)('nothing pending on PostgreSQL %s', (version) => {
  test("the server's log shows one read and nothing else: no lock, no transaction, no write", async () => {
    const { url, name, sql, serverLog } = await createDatabase(version)
    const folder = workFolder(files)
    await runGate({ folder, environment: { DATABASE_URL: url } })
    // A run does not wait for the server to hang up; what its sessions did is counted when they end.
    await until('the first run has left', async () => {
      const left = await sql.unsafe(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'schemagate/%'`,
      )
      const ended = serverLog().filter(
        (line) => line.includes('schemagate/') && line.includes('disconnection'),
      )
      return left.length === 0 && ended.length >= 2
    })
    await administrator(version).unsafe(`ALTER DATABASE ${name} SET log_statement = 'all'`)
    const written = `SELECT tup_inserted + tup_updated + tup_deleted AS tuples, xact_rollback
      FROM pg_stat_database WHERE datname = current_database()`
    const before = await sql.unsafe(written)
    const earlier = serverLog().length
    const { exitCode } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(exitCode).toBe(0)
    await until('the session has ended in the log', () =>
      serverLog()
        .slice(earlier)
        .some((line) => line.includes('schemagate/') && line.includes('disconnection')),
    )
    const lines = serverLog().slice(earlier)
    const statements = lines
      .filter((line) => line.includes('schemagate/') && line.includes('statement: '))
      .map((line) => line.slice(line.indexOf('statement: ') + 'statement: '.length))
    expect(statements).toHaveLength(1)
    expect(statements[0]?.startsWith(firstQuestion)).toBe(true)
    expect(lines.join('\n')).not.toMatch(
      /advisory|BEGIN|LOCK|SET (?!LOCAL \w+ TO DEFAULT|TRANSACTION [A-Z ]+ READ ONLY;)|set_config|INSERT|UPDATE|DELETE|CREATE/,
    )
    const sessions = new Set(
      lines.filter((line) => line.includes('schemagate/')).map((line) => line.split('|')[2]),
    )
    expect(sessions.size).toBe(1)
    expect([...(await sql.unsafe(written))]).toEqual([...before])
  })

  test('as a role that may only read the ledger, it is up to date', async () => {
    const { url, name, sql, port } = await createDatabase(version)
    const folder = workFolder(files)
    await runGate({ folder, environment: { DATABASE_URL: url } })
    const role = `reader_of_${name}`
    await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'reader-secret-1';
      GRANT USAGE ON SCHEMA schemagate TO ${role}; GRANT SELECT ON schemagate.schema_migrations TO ${role};
      ALTER ROLE ${role} SET default_transaction_read_only = on`)
    try {
      const asReader = `postgresql://${role}:reader-secret-1@127.0.0.1:${port}/${name}`
      const { exitCode, stdout } = await runGate({
        folder,
        environment: { DATABASE_URL: asReader },
      })
      expect(stdout).toContain('up to date, 2 recorded')
      expect(exitCode).toBe(0)
    } finally {
      await sql.unsafe(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })

  test('little is loaded and no parser, until something is pending', async () => {
    const { url } = await createDatabase(version)
    const folder = workFolder(files)
    await runGate({ folder, environment: { DATABASE_URL: url } })
    const without = join(temporaryFolder(), 'schemagate.mjs')
    copyFileSync(bundle, without)
    mkdirSync(join(dirname(without), 'parts'))
    for (const part of partsLoadedFirst())
      copyFileSync(join(dirname(bundle), part), join(dirname(without), part))
    writeFileSync(join(dirname(without), 'package.json'), '{ "type": "module" }')
    const environment = { DATABASE_URL: url }
    expect(await runGate({ folder, environment, bundle: without })).toMatchObject({ exitCode: 0 })
    const more = workFolder({ ...files, 'migrations/3_c.sql': 'CREATE TABLE c (id int)' })
    const pending = await runGate({ folder: more, environment, bundle: without })
    expect(pending.exitCode).toBe(2)
    expect(pending.stdout).toContain('error[part-not-loaded]')
  })
})
