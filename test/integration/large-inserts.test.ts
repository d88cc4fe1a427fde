// What `pg_dump --inserts` writes, and seeds: files of more INSERTs than anybody wants a parse tree of. They are read by their forms
// (src/sql/tree/repeated-inserts.ts), and run, fail and are recognised as small ones.

import { describe, expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const count = 6_000
const table = 'CREATE TABLE big (id int PRIMARY KEY, note text);\n'
const filler = 'x'.repeat(160)

const inserts = (id: (at: number) => number = (at) => at): string =>
  Array.from(
    { length: count },
    (_, at) => `INSERT INTO big (id, note) VALUES (${id(at)}, 'it''s; ${filler}');\n`,
  ).join('')

describe.each(serverVersions)('a megabyte of INSERTs on PostgreSQL %s', (version) => {
  test('is applied, and the next run has nothing to do', async () => {
    const { sql, url } = await createDatabase(version)
    const text = table + inserts()
    expect(text.length).toBeGreaterThan(1_000_000)
    const folder = workFolder({ 'migrations/1_big.sql': text, 'migrations/2_b.sql': 'SELECT 1' })
    const environment = { DATABASE_URL: url }
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    const wanted = `it's; ${filler}`
    expect([
      ...(await sql`SELECT count(*)::int AS n, sum(id)::int AS sum, min(note) AS first, max(note) AS last FROM big`),
    ]).toEqual([{ n: count, sum: (count * (count - 1)) / 2, first: wanted, last: wanted }])
    expect((await runGate({ folder, environment })).stderr).toContain('up to date, 2 recorded')
  })

  test('that fails at one of them is rolled back whole, and the report has its line', async () => {
    const { sql, url } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_t.sql': table,
      'migrations/2_big.sql': inserts((at) => (at === 4_321 ? 7 : at)),
    })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(exitCode).toBe(1)
    expect(stdout).toContain('2_big.sql failed at statement 4322 of 6000')
    expect(stdout).toContain('--> migrations/2_big.sql:4322:1')
    expect([...(await sql`SELECT FROM big`)]).toEqual([])
  })

  test('that then takes what was there is refused, as a small one is', async () => {
    const { sql, url } = await createDatabase(version)
    await sql.unsafe(`${table} INSERT INTO big VALUES (-1, 'of others')`)
    const text = `${inserts()}DELETE FROM big WHERE id < 0;\n`
    const folder = workFolder({ 'migrations/1_big.sql': text })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect({ exitCode, stdout }).toEqual({
      exitCode: 4,
      stdout: expect.stringContaining('error[data-loss]: migrations/1_big.sql'),
    })
    expect(stdout).toContain(`--> migrations/1_big.sql:${count + 1}:1`)
    expect([...(await sql`SELECT id FROM big`)]).toEqual([{ id: -1 }])
  })
})
