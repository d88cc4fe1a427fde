import { describe, expect, test } from '@jest/globals'
import { closeSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { highWaterMib } from '../../bench/compare/run-process.ts'
import { createDatabase, until } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { password, serverVersions, superuser } from '../support/servers.ts'

const head = `--
-- PostgreSQL database dump
--

\\restrict dlZb2Yc0X

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.customer (id integer NOT NULL, name text, note text);
`

const dump = `${head}
COPY public.customer (id, name, note) FROM stdin;
1\tÉmile; it's "1"\t\\N
2\tback\\\\slash\ttab\\there
3\t--\t$$ /* \\\\.x
\\.

CREATE TABLE public.empty (id integer);
COPY public.empty (id) FROM stdin;
\\.

COPY public.customer FROM stdin WITH (FORMAT csv);
4,"two
lines",
\\.

ALTER TABLE ONLY public.customer ADD CONSTRAINT customer_pkey PRIMARY KEY (id);

\\unrestrict dlZb2Yc0X

`

const later = {
  'migrations/0002_later.sql': 'ALTER TABLE customer ADD COLUMN later int;\n',
  'migrations/0003_last.sql': 'CREATE TABLE last (id int);\n',
}

const rows = [
  { id: 1, name: `Émile; it's "1"`, note: null },
  { id: 2, name: 'back\\slash', note: 'tab\there' },
  { id: 3, name: '--', note: '$$ /* \\.x' },
  { id: 4, name: 'two\nlines', note: null },
]

describe.each(serverVersions)('a dump on PostgreSQL %s', (version) => {
  test('is applied with its rows, and what follows it too', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({ 'migrations/0001_dump.sql': dump, ...later })
    const finished = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT id, name, note FROM customer ORDER BY id`).toEqual(rows)
    expect(await sql`SELECT to_regclass('last')::text AS last`).toEqual([{ last: 'last' }])
    const again = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stdout).toContain('up to date, 3 recorded')
  })

  test('is applied through a pooler in transaction mode', async () => {
    const { name, port, sql } = await createDatabase(version)
    const pooler = await startPooler(port, 4, { pool_mode: 'transaction' })
    try {
      const url = `postgresql://${superuser}:${password}@127.0.0.1:${pooler.port}/${name}`
      const folder = workFolder({ 'migrations/0001_dump.sql': dump, ...later })
      const finished = await runGate({ folder, environment: { DATABASE_URL: url } })
      expect(finished).toMatchObject({ exitCode: 0 })
      expect(await sql`SELECT id, name, note FROM customer ORDER BY id`).toEqual(rows)
    } finally {
      await pooler.stop()
    }
  })

  test('goes with everything when a row does not fit, which is shown', async () => {
    const { url, sql } = await createDatabase(version)
    const bad = dump.replace('3\t--', 'three\t--')
    const folder = workFolder({ 'migrations/0001_dump.sql': bad, ...later })
    const finished = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(finished).toMatchObject({ exitCode: 1 })
    expect(finished.stdout).toContain('migrations/0001_dump.sql:17')
    expect(finished.stdout).toContain('line 3, column id')
    expect(await sql`SELECT to_regclass('customer') AS customer`).toEqual([{ customer: null }])
    const mended = workFolder({ 'migrations/0001_dump.sql': dump, ...later })
    const second = await runGate({ folder: mended, environment: { DATABASE_URL: url } })
    expect(second).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT id, name, note FROM customer ORDER BY id`).toEqual(rows)
  })

  test('is applied statement by statement too, each COPY with its rows once', async () => {
    const { url, sql } = await createDatabase(version)
    const alone = `${dump}CREATE INDEX CONCURRENTLY customer_name ON public.customer (name);\n`
    const folder = workFolder({ 'migrations/0001_dump.sql': alone, ...later })
    const finished = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT id, name, note FROM customer ORDER BY id`).toEqual(rows)
  })

  test('of many rows is applied', async () => {
    const { url, sql } = await createDatabase(version)
    const many = Array.from({ length: 300_000 }, (_, at) => `${at}\tname ${at} 😀\t\\N\n`).join('')
    const text = `${head}COPY public.customer FROM stdin;\n${many}\\.\nSELECT 1;\n`
    const folder = workFolder({ 'migrations/0001_dump.sql': text, ...later })
    const finished = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(finished).toMatchObject({ exitCode: 0 })
    const [found] = await sql`SELECT count(*)::int, sum(length(name))::int FROM customer`
    const characters = many.match(/name \d+ /g)?.join('').length ?? 0
    expect(found).toEqual({ count: 300_000, sum: characters + 300_000 })
  })

  test('with lines that end in CRLF is applied as the same with LF', async () => {
    const { url, sql } = await createDatabase(version)
    const crlf = { 'migrations/0001_dump.sql': dump.replaceAll('\n', '\r\n') }
    const finished = await runGate({
      folder: workFolder(crlf),
      environment: { DATABASE_URL: url },
    })
    expect(finished).toMatchObject({ exitCode: 0 })
    expect(await sql`SELECT id, name, note FROM customer ORDER BY id`).toEqual(rows)
    const folder = workFolder({ 'migrations/0001_dump.sql': dump })
    const again = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(again.stdout).toContain('up to date, 1 recorded')
  })

  test('tells how far its rows are when they take long', async () => {
    const { url } = await createDatabase(version)
    const slow = `CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(5.5); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON public.customer FOR EACH ROW WHEN (NEW.id = 1000) EXECUTE FUNCTION public.slow();
`
    const many = Array.from({ length: 500_000 }, (_, at) => `${at}\tname ${at}\t\\N\n`).join('')
    const text = `${head}${slow}COPY public.customer FROM stdin;\n${many}\\.\n`
    const folder = workFolder({ 'migrations/0001_dump.sql': text })
    const told = /migrations\/0001_dump\.sql: [\d.]+ \w+ of 10 MB of its rows are sent, \d+ %/
    const finished = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(finished).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(told) })
  })

  test.each([
    ['with other rows', (text: string) => text.replace('\n999\tname', '\n999\tmane')],
    ['and is shorter', (text: string) => text.slice(0, text.indexOf('\n100000\t') + 1)],
    ['and is gone', () => undefined],
  ])('that changes while it is applied, %s, is not applied', async (_, change) => {
    const { url, sql } = await createDatabase(version)
    const many = Array.from({ length: 200_000 }, (_each, at) => `${at}\tname ${at}\t\\N\n`).join('')
    const text = `${head}SELECT pg_catalog.pg_advisory_xact_lock(7);\nCOPY public.customer FROM stdin;\n${many}\\.\n`
    const folder = workFolder({ 'migrations/0001_dump.sql': text })
    await sql`SELECT pg_advisory_lock(7)`
    const gate = startGate({ folder, environment: { DATABASE_URL: url } })
    await gate.said('1/1 migrations/0001_dump.sql')
    const changed = change(text)
    const path = join(folder, 'migrations/0001_dump.sql')
    if (changed === undefined) rmSync(path)
    else writeFileSync(path, changed)
    await sql`SELECT pg_advisory_unlock(7)`
    const { exitCode, stdout } = await gate.finished
    expect(stdout).toContain('0001_dump.sql was changed while it was applied')
    expect(exitCode).toBe(75)
    expect(await sql`SELECT to_regclass('customer') AS customer`).toEqual([{ customer: null }])
  })

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'ended by %s in the middle of its rows leaves nothing, and the next run makes it whole',
    async (signal) => {
      const { url, sql } = await createDatabase(version)
      const slow = `CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id < 1000 THEN PERFORM pg_sleep(0.002); END IF; RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON public.customer FOR EACH ROW EXECUTE FUNCTION public.slow();
`
      const many = Array.from({ length: 200_000 }, (_, at) => `${at}\tname ${at}\t\\N\n`).join('')
      const text = (before: string): string =>
        `${head}${before}COPY public.customer FROM stdin;\n${many}\\.\n`
      const gate = startGate({
        folder: workFolder({ 'migrations/0001_dump.sql': text(slow) }),
        environment: { DATABASE_URL: url },
      })
      const rowsSoFar = async (): Promise<number> => {
        const [found] = await sql`SELECT coalesce(sum(tuples_processed), 0)::int AS n
          FROM pg_stat_progress_copy WHERE datname = current_database()`
        return Number(found?.['n'])
      }
      await until('some of its rows are there', async () => (await rowsSoFar()) > 100)
      gate.process.kill(signal)
      const { exitCode } = await gate.finished
      expect(exitCode).toBe(signal === 'SIGTERM' ? 143 : null)
      await until('its session is over', async () => (await rowsSoFar()) === 0)
      expect(await sql`SELECT to_regclass('customer') AS customer`).toEqual([{ customer: null }])
      const next = await runGate({
        folder: workFolder({ 'migrations/0001_dump.sql': text('') }),
        environment: { DATABASE_URL: url },
      })
      expect(next).toMatchObject({ exitCode: 0 })
      expect(await sql`SELECT count(*)::int AS n FROM customer`).toEqual([{ n: 200_000 }])
    },
  )
})

test('a dump that is far larger than the memory it may take is applied, and is up to date then', async () => {
  const { url, sql } = await createDatabase(serverVersions[0])
  const folder = workFolder({ 'migrations/0001_dump.sql': head, ...later })
  const path = join(folder, 'migrations/0001_dump.sql')
  const rest = `\t${'é'.repeat(500)}\t\\N\n`
  const file = openSync(path, 'a')
  writeSync(file, 'COPY public.customer FROM stdin;\n')
  for (let at = 0; at < 300_000; at += 1_000)
    writeSync(file, Array.from({ length: 1_000 }, (_, more) => `${at + more}${rest}`).join(''))
  writeSync(file, '\\.\nALTER TABLE public.customer ADD PRIMARY KEY (id);\n')
  closeSync(file)
  expect(statSync(path).size).toBeGreaterThan(300_000_000)
  for (const said of ['3 applied', 'up to date, 3 recorded']) {
    const gate = startGate({ folder, environment: { DATABASE_URL: url } })
    let peak = 0
    const looking = setInterval(() => {
      peak = Math.max(peak, highWaterMib(gate.process.pid) ?? 0)
    }, 50)
    const { exitCode, stdout } = await gate.finished
    clearInterval(looking)
    expect(stdout).toContain(said)
    expect(exitCode).toBe(0)
    // A third of the file; a run with little to do takes some 80.
    if (process.platform === 'linux') expect(peak).toBeGreaterThan(20)
    expect(peak).toBeLessThan(180)
  }
  const [found] = await sql`SELECT count(*)::int AS n, sum(length(name))::int FROM customer`
  expect(found).toEqual({ n: 300_000, sum: 150_000_000 })
})
