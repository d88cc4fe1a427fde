import { describe, expect, test } from '@jest/globals'
import {
  buildMessage,
  markerColumn,
  type MigrationMessage,
  type Phase,
} from '../../../src/apply/message.ts'
import type { Server } from '../../../src/database/server/server.ts'
import type { ServerError } from '../../../src/database/session/reply.ts'
import { openMonitor } from '../../../src/database/monitor/monitor.ts'
import { openSession } from '../../../src/database/session/session.ts'
import { recordApplied } from '../../../src/database/ledger/record.ts'
import type { LockKey, LockedSession } from '../../../src/database/lock/locked-session.ts'
import { prepareMigrations } from '../../../src/migrations/prepare/prepare.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'
import { aMigration } from '../a-migration.ts'
import { serverOf, timeouts } from './scripted-run.ts'
import { endpoint } from './scripted-server.ts'

const parse = await loadParser()

const quiet = { announce: () => undefined, interruption: new AbortController().signal }
const locked: LockedSession = {
  brand: 'LockedSession',
  work: openSession(endpoint, 'run', quiet),
  lock: openSession(endpoint, 'lock', quiet),
  monitor: openMonitor(endpoint, quiet),
  lease: { stop: () => undefined },
  key: -5n as LockKey,
  token: 77n as LockKey,
  holderPid: 4711,
}

const server = serverOf('DIRECT')

const messageOf = (text: string, on: Partial<Server> = {}): MigrationMessage => {
  const migration = aMigration('0007_é.sql', text)
  const { prepared: all, problems } = prepareMigrations([migration], parse)
  const [prepared] = all
  if (prepared === undefined) throw new Error(problems.map(({ title }) => title).join())
  return buildMessage({
    prepared,
    verification: '',
    server: { ...server, ...on },
    fence: {
      ...{ locked, ledgerSchema: 'ops', migrationRole: undefined },
      lastOrdinal: 6,
    },
    runId: '8c9e0b57-0000-4000-8000-000000000000',
    sight: 'in part',
    record: recordApplied('ops', {
      migration,
      ordinal: 7,
      statements: prepared.statements?.length ?? 0,
      runId: '8c9e0b57-0000-4000-8000-000000000000',
    }),
    ...timeouts,
  })
}

const errorAt = (position: number | undefined, sqlstate = '42703'): ServerError => ({
  sqlstate,
  message: 'x',
  detail: undefined,
  hint: undefined,
  context: undefined,
  internalQuery: undefined,
  raised: undefined,
  finding: undefined,
  position,
})

/** As the server counts: characters of the whole message, from 1. */
const positionIn = (message: MigrationMessage, needle: string): number => {
  const index = message.text.indexOf(needle)
  if (index === -1) throw new Error(`not in the message: ${needle}`)
  return Array.from(message.text.slice(0, index)).length + 1
}

const statement = (number: number): Phase => ({ kind: 'statement', number })

/** The last marker of a file of `pieces` statements when the server is in that phase. */
const markerOf = (phase: Phase, pieces = 4): number | undefined => {
  switch (phase.kind) {
    case 'parse':
    case 'fence':
      return undefined
    case 'statement':
      return phase.number
    case 'deferred constraints':
      return pieces + 1
    case 'verification':
      return pieces + 2
    case 'recording':
      return pieces + 3
    case 'commit':
      return pieces + 4
  }
}

const placeIn = (message: MigrationMessage, position: number | undefined, phase: Phase) => {
  const { place } = message.locate(errorAt(position), markerOf(phase))
  return place === undefined ? undefined : [place.line, place.column, place.excerpt]
}

describe('the place of an error', () => {
  const text = `-- é😀: why
/* and how */ SELECT one;
-- é
  SELECT 'é€😀', two; SELECT three;

SELECT four`
  const message = messageOf(text)

  test.each([
    ['one', 1, [2, 22, '/* and how */ SELECT one;']],
    ['two', 2, [4, 17, "  SELECT 'é€😀', two; SELECT three;"]],
    ['three', 3, [4, 29, "  SELECT 'é€😀', two; SELECT three;"]],
    ['four', 4, [6, 8, 'SELECT four']],
    ['SELECT four', 4, [6, 1, 'SELECT four']],
    ['-- é😀', 1, [1, 1, '-- é😀: why']],
  ])('at %s is that of the file', (needle, number, place) => {
    expect(placeIn(message, positionIn(message, needle), statement(number))).toEqual(place)
  })

  test('at the end of the input is the end of the file', () => {
    const end = positionIn(message, 'SELECT four') + Array.from('SELECT four').length
    expect(placeIn(message, end, statement(4))).toEqual([6, 12, 'SELECT four'])
  })

  test.each([
    [1, [2, 15, '/* and how */ SELECT one;']],
    [2, [4, 3, "  SELECT 'é€😀', two; SELECT three;"]],
    [3, [4, 22, "  SELECT 'é€😀', two; SELECT three;"]],
    [4, [6, 1, 'SELECT four']],
  ])('of statement %d without a position is where it starts', (number, place) => {
    expect(placeIn(message, undefined, statement(number))).toEqual(place)
  })

  test.each([
    ['before the file', 'BEGIN ISOLATION', { kind: 'fence' }],
    ['in the fence', 'max(ordinal)', { kind: 'fence' }],
    ['in the constraints', 'SET CONSTRAINTS', { kind: 'deferred constraints' }],
    ['in the record', 'INSERT INTO', { kind: 'recording' }],
  ] as const)('that is not of the file is none: %s', (_, needle, phase) => {
    expect(placeIn(message, positionIn(message, needle), phase)).toBeUndefined()
  })

  test.each(['fence', 'deferred constraints', 'recording', 'commit'] as const)(
    'in the phase %s without a position is none',
    (kind) => {
      expect(placeIn(message, undefined, { kind })).toBeUndefined()
    },
  )

  test('is that of the file when its BEGIN and COMMIT are taken off', () => {
    const wrapped = messageOf("-- é\nBEGIN;\nSELECT 'é', one;\n  SELECT two;\nCOMMIT;\n")
    expect(placeIn(wrapped, positionIn(wrapped, 'one'), statement(1))).toEqual([
      3,
      13,
      "SELECT 'é', one;",
    ])
    expect(placeIn(wrapped, undefined, statement(1))).toEqual([3, 1, "SELECT 'é', one;"])
    expect(placeIn(wrapped, undefined, statement(2))).toEqual([4, 3, '  SELECT two;'])
  })

  test('is that of the file when the parser could not read it', () => {
    const whole = messageOf("SELECT 'é😀';\n FROBNICATE x;")
    expect(placeIn(whole, positionIn(whole, 'FROBNICATE'), statement(1))).toEqual([
      2,
      2,
      ' FROBNICATE x;',
    ])
    expect(placeIn(whole, undefined, statement(1))).toBeUndefined()
  })

  test('is none in a file without a statement', () => {
    expect(placeIn(messageOf('-- é'), undefined, statement(1))).toBeUndefined()
  })
})

describe('the phase after a marker', () => {
  test.each<[string, number | undefined, Phase]>([
    ['none', undefined, { kind: 'fence' }],
    ['1', 1, statement(1)],
    ['2', 2, statement(2)],
    ['3', 3, { kind: 'deferred constraints' }],
    ['4', 4, { kind: 'verification' }],
    ['5', 5, { kind: 'deferred constraints' }],
    ['6', 6, { kind: 'recording' }],
    ['7', 7, { kind: 'commit' }],
  ])('%s of a file of two statements is told', (_, marker, phase) => {
    expect(messageOf('SELECT 1; SELECT 2').locate(errorAt(undefined), marker).phase).toEqual(phase)
  })

  test.each(['', '-- é', 'BEGIN; COMMIT;', 'FROBNICATE x; SELECT 1; SELECT 2;'])(
    'counts a file that goes whole as one: %j',
    (text) => {
      const { locate } = messageOf(text)
      const phaseAfter = (marker: number): Phase => locate(errorAt(undefined), marker).phase
      expect(phaseAfter(1)).toEqual(statement(1))
      expect(phaseAfter(2)).toEqual({ kind: 'deferred constraints' })
      expect(phaseAfter(6)).toEqual({ kind: 'commit' })
    },
  )
})

describe('an error that came before any statement ran', () => {
  test('with a place in the file is one of parsing', () => {
    const message = messageOf('SELECT 1;\nSELECT two two two')
    const { phase, place } = message.locate(
      errorAt(positionIn(message, 'two two two'), '42601'),
      undefined,
    )
    expect(phase).toEqual({ kind: 'parse' })
    expect(place).toMatchObject({ line: 2, column: 8 })
  })

  test('at our own text behind a file left unfinished is told in the words of the parser', () => {
    const message = messageOf('SELECT 1;\nCREATE TABLE a (\n')
    const located = message.locate(errorAt(positionIn(message, ';\nSELECT 2'), '42601'), undefined)
    expect(located).toMatchObject({
      phase: { kind: 'parse' },
      place: { line: 3, column: 1 },
      message: 'syntax error at end of input',
    })
  })
})

describe('the message', () => {
  const partsOf = (text: string, on: Partial<Server> = {}): readonly string[] => {
    const parsed = parse(messageOf(text, on).text)
    if (parsed.kind === 'unreadable') throw new Error(parsed.message)
    const { text: sent } = messageOf(text, on)
    return parsed.statements.map(({ start, end }) => sent.slice(start, end).replace(/\s+/g, ' '))
  }

  test('has a marker before each statement, and the ledger row before COMMIT', () => {
    const parts = partsOf("SELECT 'é';\n-- c\nSELECT 2 -- no semicolon")
    const marks = parts.filter(
      (part) =>
        part.includes(markerColumn) ||
        /^SELECT '?(é|2)|^INSERT|^COMMIT|^BEGIN|^SET (CONS|TRANS)/.test(part),
    )
    expect(marks.map((part) => part.replace(/^(INSERT INTO \S+).*/, '$1'))).toEqual([
      'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
      `SELECT 1 AS ${markerColumn}`,
      "SELECT 'é'",
      `SELECT 2 AS ${markerColumn}`,
      expect.stringMatching(/^SELECT 2/),
      `SELECT 3 AS ${markerColumn}`,
      'SET CONSTRAINTS ALL IMMEDIATE',
      `SELECT 4 AS ${markerColumn}`,
      `SELECT 5 AS ${markerColumn}`,
      'SET CONSTRAINTS ALL IMMEDIATE',
      `SELECT 6 AS ${markerColumn}`,
      'INSERT INTO "ops"."schema_migrations"',
      'SET TRANSACTION READ ONLY',
      `SELECT 7 AS ${markerColumn}`,
      'COMMIT',
    ])
  })

  test.each(['SELECT 1', 'SELECT 1;', 'SELECT 1 -- é', 'SELECT 1; -- é', '-- é', '/* é */', ''])(
    'is whole SQL however the file ends: %j',
    (text) => {
      const parts = partsOf(text)
      expect(parts[0]).toBe('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE')
      expect(parts.at(-1)).toBe('COMMIT')
      expect(parts.filter((part) => part.startsWith('INSERT'))).toHaveLength(1)
    },
  )

  test('sets the two timeouts, each from its own', () => {
    const parts = partsOf('SELECT 1')
    expect(parts).toContain('SET LOCAL statement_timeout = 120000')
    expect(parts).toContain('SET LOCAL lock_timeout = 5000')
  })

  test.each<[string, Partial<Server>, string, boolean]>([
    ['a server of 17 and later', {}, 'SET LOCAL transaction_timeout = 0', true],
    ['one before 17', { versionNumber: 160_000 }, 'SET LOCAL transaction_timeout = 0', false],
    [
      'a server that watches sockets',
      {},
      "SET LOCAL client_connection_check_interval = '1s'",
      true,
    ],
    [
      'one that does not',
      { connectionCheck: 'none' },
      "SET LOCAL client_connection_check_interval = '1s'",
      false,
    ],
    ['a direct connection', {}, 'DEALLOCATE ALL', true],
    ['a pooler, where others have theirs', { connectionKind: 'POOLER' }, 'DEALLOCATE ALL', false],
    ['a pooler', { connectionKind: 'POOLER' }, 'SELECT pg_catalog.pg_advisory_unlock_all()', false],
  ])('fits %s', (_, on, part, there) => {
    expect(partsOf('SELECT 1', on).includes(part)).toBe(there)
  })

  test('sends the file’s statements as they are, between the fences', () => {
    const text = "SELECT 'é';\n-- c\nSELECT 2;\n"
    const { text: sent } = messageOf(text)
    const [before = '', ...rest] = sent.split(new RegExp(`SELECT \\d AS ${markerColumn};\\n`))
    expect(before).toContain('LOCK TABLE "ops"."schema_migrations"')
    expect(rest.slice(0, 2).join('')).toBe(`${text}\n;\n`)
  })
})
