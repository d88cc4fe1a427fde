import { describe, expect, test } from '@jest/globals'
import type { Examination } from '../../../../../src/commands/doctor/facts/examination.ts'
import { exitCodeOf } from '../../../../../src/commands/doctor/finding.ts'
import { evaluate } from '../../../../../src/commands/doctor/evaluate/evaluate.ts'
import { noNeeds } from '../../../../../src/commands/doctor/facts/needs.ts'
import { nothingPending } from '../../../../../src/commands/doctor/facts/preview.ts'
import { problem } from '../../../../../src/errors/problem.ts'
import { aMigration, aRowOf } from '../../../a-migration.ts'
import { anEndpoint, examination, facts, withFacts } from '../an-examination.ts'

/** 'level topic' of all that is not ok, and the exit code. */
const judged = (changes: Partial<Examination>): readonly (string | number)[] => {
  const findings = evaluate({ ...examination, ...changes })
  const lines = findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, topic }) => `${level} ${topic}`)
  return [...lines, exitCodeOf(findings)]
}

const sentenceOf = (topic: string, changes: Partial<Examination>): string =>
  evaluate({ ...examination, ...changes }).find((each) => each.topic === topic)?.sentence ?? ''

const { server, preview } = examination
const idle = { ...nothingPending, recorded: 1 }
const pooled = { ...server, connectionKind: 'POOLER' } as const
const silence: Examination['second'] = {
  kind: 'refused',
  mode: 'transaction',
  cause: 'silence',
  reason: 'the pool gave none',
  waitedSeconds: 3,
}
const refusal: Examination['second'] = { ...silence, cause: 'refusal', reason: 'SQLSTATE 53300' }
const unsafeTls = 'note tls'

describe('what a run would meet decides the exit code; warnings do not', () => {
  test.each<readonly [string, Partial<Examination>, readonly (string | number)[]]>([
    ['a healthy database over plain TCP', {}, [unsafeTls, 0]],
    ['a healthy database on this machine', { endpoint: anEndpoint({ hosts: ['/run/pg'] }) }, [0]],
    [
      'a closed gate',
      { gate: { kind: 'closed', because: 'RUN_MIGRATIONS=0' } },
      ['note gate', unsafeTls, 0],
    ],
    [
      'DIRECT that did not answer',
      { directUnavailable: { endpoint: 'DIRECT (x)', reason: 'no answer' } },
      ['warning endpoint', unsafeTls, 0],
    ],
    ['a pooler', { server: pooled, second: { kind: 'open', mode: 'session' } }, [unsafeTls, 0]],
    [
      'a pooler given as DIRECT',
      {
        ...{ server: pooled, second: { kind: 'open', mode: 'transaction' } },
        endpoint: anEndpoint({ name: 'DIRECT', sslMode: 'verify-full' }),
      },
      ['warning pooler', unsafeTls, 0],
    ],
    [
      'a pool of one',
      { server: pooled, second: silence },
      ['problem second connection', unsafeTls, 75],
    ],
    ['no connection left', { second: refusal }, ['problem second connection', unsafeTls, 75]],
    [
      'no connection left, and nothing pending',
      { second: refusal, preview: idle },
      ['note second connection', unsafeTls, 0],
    ],
    ['a standby', { server: { ...server, role: 'standby' } }, [unsafeTls, 'problem writes', 69]],
    [
      'a standby, and nothing pending',
      { server: { ...server, role: 'standby' }, preview: idle },
      [unsafeTls, 'note writes', 0],
    ],
    [
      'a read-only database',
      { server: { ...server, writes: 'off by default' } },
      [unsafeTls, 'problem writes', 4],
    ],
    [
      'no check of the connection',
      { server: { ...server, connectionCheck: 'none' } },
      [unsafeTls, 'note client check', 0],
    ],
    [
      'files that cannot be read',
      {
        files: {
          ...examination.files,
          problems: [problem('folder-empty', { folder: 'migrations' })],
        },
        preview: nothingPending,
      },
      ['problem files', unsafeTls, 2],
    ],
    ['no ledger', { ledger: { kind: 'absent' } }, [unsafeTls, 'note ledger', 0]],
    [
      'a ledger that may not be read',
      {
        ledger: {
          kind: 'unreadable',
          problems: [
            problem('ledger-not-permitted', {
              ...{ ledger: 'l', user: 'u', database: 'd', message: 'no' },
            }),
          ],
        },
      },
      [unsafeTls, 'problem ledger', 2],
    ],
    [
      'an interrupted migration',
      {
        ledger: {
          kind: 'present',
          rows: [aRowOf(aMigration('1_a.sql'), { state: 'running' })],
        },
      },
      [unsafeTls, 'warning ledger', 0],
    ],
    [
      'a refusal',
      {
        preview: {
          ...preview,
          refusals: [problem('out-of-order', { file: 'f', version: '1', after: 'g', moves: [] })],
        },
      },
      [unsafeTls, 'problem migrations', 4],
    ],
    [
      'no right to write the ledger',
      withFacts({ ledger: { ...facts.ledger, inserts: false } }),
      [unsafeTls, 'problem ledger rights', 2],
    ],
    [
      'no right to write the ledger, and nothing pending',
      { ...withFacts({ ledger: { ...facts.ledger, inserts: false } }), preview: idle },
      [unsafeTls, 'note ledger rights', 0],
    ],
    [
      'no right to make the schema of the ledger',
      withFacts({
        ledger: { ...facts.ledger, exists: false, schemaExists: false, createsSchemas: false },
      }),
      [unsafeTls, 'problem ledger rights', 2],
    ],
    [
      'no right to create, and no file that does',
      withFacts({ schemas: [{ name: 'public', creates: false }] }),
      [unsafeTls, 'note schema rights', 0],
    ],
    [
      'no right to create, and a file that does',
      {
        ...withFacts({ schemas: [{ name: 'public', creates: false }] }),
        preview: {
          ...preview,
          needs: { ...noNeeds, createsIn: [{ schema: 'public', file: 'f' }] },
        },
      },
      [unsafeTls, 'problem schema rights', 1],
    ],
    [
      'a table of somebody else that a file alters',
      {
        ...withFacts({
          relations: [{ schema: 'public', name: 't', owner: 'o', owned: false, becomes: false }],
        }),
        preview: {
          ...preview,
          needs: { ...noNeeds, altered: [{ schema: 'public', name: 't', file: 'f' }] },
        },
      },
      [unsafeTls, 'problem ownership', 1],
    ],
    [
      'tables of somebody else that no file alters',
      withFacts({ owners: [{ owner: 'o', tables: 2, member: false, becomes: false }] }),
      [unsafeTls, 'note role', 0],
    ],
    [
      'a lock that is held',
      {
        lockHolder: {
          ...{ pid: 7, applicationName: 'a', user: 'u', address: 'local', ageSeconds: 1 },
          runs: undefined,
        },
      },
      [unsafeTls, 'warning migration lock', 0],
    ],
    [
      'sessions that may not be seen',
      withFacts({ hidden: 2 }),
      [unsafeTls, 'note hidden sessions', 0],
    ],
    [
      'an index that is being built',
      withFacts({ invalidIndexes: [{ index: 'i', definition: 'd', builtBy: 7 }] }),
      [unsafeTls, 'note invalid indexes', 0],
    ],
    [
      'an index that was left',
      withFacts({ invalidIndexes: [{ index: 'i', definition: 'd', builtBy: null }] }),
      [unsafeTls, 'warning invalid indexes', 0],
    ],
    [
      'a timeout that does no harm',
      withFacts({ timeouts: [{ name: 'statement_timeout', ms: 60_000, source: 'user' }] }),
      [unsafeTls, 'note timeouts', 0],
    ],
    [
      'a timeout that may',
      withFacts({ timeouts: [{ name: 'statement_timeout', ms: 500, source: 'user' }] }),
      [unsafeTls, 'warning timeouts', 0],
    ],
    [
      'standbys that follow',
      withFacts({ replicas: { count: 1, lagSeconds: 4 } }),
      [unsafeTls, 'note replication', 0],
    ],
  ])('%s', (_, changes, expected) => {
    expect(judged(changes)).toEqual(expected)
  })

  test('the gravest of several', () => {
    const changes = {
      ...withFacts({ ledger: { ...facts.ledger, locks: false } }),
      server: { ...server, writes: 'off by default' },
      second: refusal,
    } as const
    expect(judged(changes).at(-1)).toBe(2)
  })
})

test.each([
  ['DIRECT', /it is tried first, and it answers$/],
  ['POOLER', /DATABASE_URL_DIRECT is not set$/],
  ['PG*', /the only one named; it is DIRECT$/],
] as const)('why %s is used', (name, words) => {
  expect(sentenceOf('endpoint', { endpoint: anEndpoint({ name }) })).toMatch(words)
})

test('of TLS behind a pooler the server knows its own side only', () => {
  const tls = { on: true, version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' }
  const direct = { ...withFacts({ tls }), endpoint: anEndpoint({ sslMode: 'verify-full' }) }
  expect(sentenceOf('tls', direct)).toBe(
    'on: TLSv1.3, TLS_AES_256_GCM_SHA384 (sslmode=verify-full)',
  )
  expect(sentenceOf('tls', { ...withFacts({ tls }), server: pooled })).toBe(
    'the server reports the connection from the pooler to it: TLSv1.3, TLS_AES_256_GCM_SHA384. The connection from here to the pooler has sslmode=prefer',
  )
})

test('of what a long transaction holds, what conflicts with a pending file is named', () => {
  const transaction = {
    ...{ pid: 7, user: 'u', application: '', state: 'active', seconds: 9 },
    ...{ query: `UPDATE\nt`, snapshot: true },
    locks: [
      { oid: 1, table: 't', mode: 'RowExclusiveLock' },
      { oid: 2, table: 'u', mode: 'AccessShareLock' },
    ],
  }
  const locks = [
    { table: 'public.t', level: 'SHARE' },
    { table: 'u', level: 'SHARE' },
  ] as const
  const found = evaluate({
    ...withFacts({
      transactions: [transaction],
      locked: [
        { name: 'public.t', oid: 1 },
        { name: 'u', oid: 2 },
      ],
    }),
    preview: { ...preview, needs: { ...noNeeds, locks } },
  }).find(({ topic }) => topic === 'transactions')
  expect(found?.detail).toEqual([
    'pid 7, no application_name, user u, active, for 9 s: UPDATE t',
    '  holds RowExclusiveLock on t, AccessShareLock on u, a snapshot; blocks pending files: t',
  ])
})

describe('MIGRATION_ROLE', () => {
  const withRole = (migrationRole: Examination['server']['migrationRole']) => ({
    ...withFacts({
      login: 'deploy',
      role: { ...facts.role, name: 'app_owner' },
      ledger: { ...facts.ledger, inserts: false },
    }),
    server: { ...server, migrationRole, searchPath: { ...server.searchPath, role: 'app_owner' } },
  })

  test("has the rights of a migration; the ledger is the login role's", () => {
    const changes = withRole('allowed')
    expect(sentenceOf('role', changes)).toBe(
      'app_owner (MIGRATION_ROLE, set by deploy), not a superuser, inherits from no other role',
    )
    expect(sentenceOf('ledger rights', { ...changes, preview: idle })).toBe(
      'deploy may not write schemagate.schema_migrations (it lacks INSERT on the table); with nothing pending it need not',
    )
    expect(judged(changes)).toEqual([unsafeTls, 'problem ledger rights', 2])
  })

  test.each([
    ['unknown', 'app_owner (MIGRATION_ROLE) does not exist; with nothing pending it need not'],
    [
      'denied',
      'deploy is not allowed to SET ROLE to app_owner (MIGRATION_ROLE); with nothing pending it need not',
    ],
  ] as const)('that is %s hurts nothing that is not pending', (migrationRole, sentence) => {
    const changes = { ...withRole(migrationRole), preview: idle }
    expect(sentenceOf('role', changes)).toBe(sentence)
    expect(judged(changes)).toEqual([unsafeTls, 'note role', 'note ledger rights', 0])
    expect(sentenceOf('schema rights', changes)).toBe('')
  })

  test('is the cure where the role is a member of the only owner and does not inherit', () => {
    const owned = (owner: string, becomes: boolean) => ({
      owner,
      tables: 1,
      member: false,
      becomes,
    })
    const adviceFor = (...owners: readonly ReturnType<typeof owned>[]) =>
      evaluate(withFacts({ owners })).find(({ topic }) => topic === 'role')
    expect(adviceFor(owned('app_owner', true))).toMatchObject({
      detail: ['1 table of the search path belongs to app_owner, whose rights it does not inherit'],
      advice:
        'A migration that alters one of them fails, unless: MIGRATION_ROLE=app_owner, which app may become.',
    })
    expect(adviceFor(owned('app_owner', true), owned('o', false))?.advice).toMatch(
      /GRANT app_owner TO app; GRANT o TO app;$/,
    )
  })
})
