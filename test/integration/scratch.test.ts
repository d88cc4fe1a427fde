// A scratch database: the files run in it, it is used, and nothing of it is left, however that ends.

import { afterAll, describe, expect, test } from '@jest/globals'
import { withScratchDatabase, type ScratchRequest } from '../../src/commands/scratch/scratch.ts'
import { makeEndpoint, type Endpoint } from '../../src/config/endpoint.ts'
import { openSession, rowsOf, type Session } from '../../src/database/session/session.ts'
import { SchemagateError, type Problem } from '../../src/errors/problem.ts'
import type { RunEvent } from '../../src/events.ts'
import { loadMigrations } from '../../src/migrations/load.ts'
import { configOf, makeBench, type Bench } from '../support/bench.ts'
import { administrator } from '../support/database.ts'
import { writeFiles, type Files } from '../support/gate.ts'
import { password, serverVersions, superuser, type ServerVersion } from '../support/servers.ts'
import { dirname } from 'node:path'

const scratchAt = ({ database: { port } }: Bench, given: Partial<Endpoint> = {}): Endpoint =>
  makeEndpoint(
    {
      ...{ name: 'SCRATCH_URL', hosts: ['127.0.0.1'], ports: [port], user: superuser },
      ...{ database: 'postgres', sslMode: 'disable', rootCertificate: undefined },
      ...{ options: undefined, ...given },
    },
    password,
  )

type Arranged = {
  readonly request: ScratchRequest
  readonly events: RunEvent[]
  readonly interrupt: (signal: string) => void
}

const arrange = (
  bench: Bench,
  files: Files,
  scratch: Endpoint | undefined = scratchAt(bench),
  database?: Session,
): Arranged => {
  writeFiles(
    dirname(bench.folder),
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text])),
  )
  const { migrations, problems } = loadMigrations(bench.folder)
  expect(problems).toEqual([])
  const events: RunEvent[] = []
  const controller = new AbortController()
  const context = {
    announce: (event: RunEvent) => events.push(event),
    interruption: controller.signal,
    onBug: (error: Error) => {
      throw error
    },
  }
  return {
    events,
    interrupt: (signal) => {
      controller.abort(signal)
    },
    request: {
      config: { ...configOf(bench), scratch },
      context,
      command: 'squash',
      files: { migrations, objects: [] },
      database,
    },
  }
}

const problemsOf = async (work: Promise<unknown>): Promise<readonly Problem[]> => {
  try {
    await work
  } catch (error) {
    if (error instanceof SchemagateError) return error.problems
    throw error
  }
  throw new Error('nothing was refused')
}

const codes = async (work: Promise<unknown>): Promise<readonly string[]> =>
  (await problemsOf(work)).map(({ code }) => code)

/** Of the databases that were made: other tests make theirs meanwhile. */
const left = async (
  version: ServerVersion,
  ...all: readonly Arranged[]
): Promise<readonly unknown[]> => {
  const made = all.flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === 'scratch database made' ? [event.database] : [])),
  )
  expect(made.length).toBeGreaterThan(0)
  return administrator(version).unsafe(
    `SELECT datname FROM pg_database WHERE datname = ANY ('{${made.join(',')}}')`,
  )
}

const files: Files = {
  '0001_customer.sql': 'CREATE TABLE customer (id int PRIMARY KEY);\n',
  '0002_mail.sql': 'ALTER TABLE customer ADD COLUMN mail text;\n',
}

const roles = ['scratch_login', 'scratch_made']

afterAll(async () => {
  for (const version of serverVersions)
    for (const role of roles) await administrator(version).unsafe(`DROP ROLE IF EXISTS ${role}`)
})

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test('the files run in a database of its own, which is gone afterwards', async () => {
    const bench = await makeBench(version)
    const arranged = arrange(bench, files)
    const { request, events } = arranged
    const found = await withScratchDatabase(request, async ({ session }) => {
      const query = `SELECT current_database() AS database, string_agg(attname, ' ' ORDER BY attnum) AS columns
        FROM pg_attribute WHERE attrelid = 'customer'::regclass AND attnum > 0`
      return rowsOf(session, await session.send(query))[0]
    })
    expect(found).toMatchObject({ columns: 'id mail' })
    expect(found?.['database']).toMatch(/^schemagate_scratch_[0-9a-f]{12}$/)
    expect(events.map(({ kind }) => kind)).toEqual([
      'scratch database made',
      'scratch database dropped',
    ])
    expect(await left(version, arranged)).toEqual([])
    expect(
      await bench.database.sql.unsafe(`SELECT FROM pg_class WHERE relname = 'customer'`),
    ).toEqual([])
  })

  test('a file that does not run is named with its place, and nothing is left', async () => {
    const bench = await makeBench(version)
    const bad = { ...files, '0003_grant.sql': '\nGRANT SELECT ON customer TO nobody_there;\n' }
    const arranged = arrange(bench, bad)
    const [found] = await problemsOf(withScratchDatabase(arranged.request, () => Promise.resolve()))
    expect(found).toMatchObject({
      code: 'scratch-build-failed',
      category: 'refused',
      place: { line: 2 },
      detail: expect.arrayContaining([expect.stringContaining('nobody_there')]),
    })
    expect(found?.place?.file).toContain('0003_grant.sql')
    expect(await left(version, arranged)).toEqual([])
  })

  test('nothing is left when its use fails, or a signal comes', async () => {
    const bench = await makeBench(version)
    const failing = arrange(bench, files)
    await expect(
      withScratchDatabase(failing.request, () => Promise.reject(new Error('of the use'))),
    ).rejects.toThrow('of the use')
    expect(await left(version, failing)).toEqual([])
    const slow = arrange(bench, { '0003_slow.sql': 'SELECT pg_sleep(30);\n' })
    const building = problemsOf(withScratchDatabase(slow.request, () => Promise.resolve()))
    setTimeout(() => {
      slow.interrupt('SIGTERM')
    }, 1_000)
    expect((await building).map(({ category }) => category)).toContain('SIGTERM')
    expect(await left(version, slow)).toEqual([])
  })

  test('the database itself is no scratch database, by whatever address', async () => {
    const bench = await makeBench(version)
    const { name } = bench.database
    const own = arrange(bench, files, scratchAt(bench, { database: name }))
    expect(await codes(withScratchDatabase(own.request, () => Promise.resolve()))).toEqual([
      'scratch-is-database',
    ])
    const session = openSession(
      scratchAt(bench, { name: 'DATABASE_URL', database: name }),
      'squash',
      { announce: () => undefined, interruption: new AbortController().signal },
    )
    const otherName = scratchAt(bench, { database: name, hosts: ['localhost'] })
    const other = arrange(bench, files, otherName, session)
    expect(await codes(withScratchDatabase(other.request, () => Promise.resolve()))).toEqual([
      'scratch-is-database',
    ])
    await session.close()
  })

  test('on the server of the database, what reaches beyond a database is not run', async () => {
    const bench = await makeBench(version)
    const { name } = bench.database
    const session = openSession(
      scratchAt(bench, { name: 'DATABASE_URL', database: name }),
      'squash',
      { announce: () => undefined, interruption: new AbortController().signal },
    )
    const beyond = {
      ...files,
      '0003_role.sql': `CREATE ROLE scratch_made;\nALTER DATABASE ${name} SET work_mem TO '5MB';\n`,
    }
    const { request } = arrange(bench, beyond, undefined, session)
    const [found] = await problemsOf(withScratchDatabase(request, () => Promise.resolve()))
    expect(found).toMatchObject({
      code: 'scratch-shares-server',
      detail: [
        expect.stringMatching(/0003_role\.sql:1 CREATE ROLE$/),
        expect.stringMatching(/0003_role\.sql:2 ALTER DATABASE … SET$/),
      ],
    })
    expect(
      await bench.database.sql.unsafe(`SELECT FROM pg_roles WHERE rolname = 'scratch_made'`),
    ).toEqual([])
    // Those that stay within it are run.
    const within = { ...request, files: arrange(await makeBench(version), files).request.files }
    expect(await withScratchDatabase(within, () => Promise.resolve('built'))).toBe('built')
    await session.close()
  })

  test('a role that may make no databases, and no server at all, are refused', async () => {
    const bench = await makeBench(version)
    await administrator(version).unsafe(`CREATE ROLE scratch_login LOGIN PASSWORD '${password}'`)
    const { request } = arrange(bench, files, scratchAt(bench, { user: 'scratch_login' }))
    const [found] = await problemsOf(withScratchDatabase(request, () => Promise.resolve()))
    expect(found).toMatchObject({
      code: 'scratch-not-usable',
      fix: expect.stringContaining('ALTER ROLE scratch_login CREATEDB;'),
    })
    await administrator(version).unsafe('ALTER ROLE scratch_login CREATEDB')
    expect(await withScratchDatabase(request, () => Promise.resolve('built'))).toBe('built')
    const none = { ...request, config: { ...request.config, scratch: undefined } }
    expect(await codes(withScratchDatabase(none, () => Promise.resolve()))).toEqual([
      'no-scratch-server',
    ])
  })
})
