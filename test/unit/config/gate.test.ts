import { describe, expect, test } from '@jest/globals'
import { decideGate } from '../../../src/config/gate.ts'

const flags = [undefined, '1', '0'] as const
const roles = [undefined, 'migrate', 'api', 'migrator'] as const

const byHand = 'run was asked for by hand'

// RUN_MIGRATIONS, RUN_MIGRATIONS_ON_START, SERVICE_ROLE; any of them may be unset.
const table = [
  ...flags.flatMap((older) =>
    roles.map((role) => ['1', older, role, 'open', 'RUN_MIGRATIONS=1'] as const),
  ),
  ...flags.flatMap((older) =>
    roles.map((role) => ['0', older, role, 'closed', 'RUN_MIGRATIONS=0'] as const),
  ),
  ...roles.map((role) => [undefined, '1', role, 'open', 'RUN_MIGRATIONS_ON_START=1'] as const),
  ...roles.map((role) => [undefined, '0', role, 'closed', 'RUN_MIGRATIONS_ON_START=0'] as const),
  [undefined, undefined, 'migrate', 'open', 'SERVICE_ROLE=migrate'] as const,
  [undefined, undefined, 'api', 'closed', 'SERVICE_ROLE=api'] as const,
  [undefined, undefined, undefined, 'open', byHand] as const,
]

test.each(table)(
  'RUN_MIGRATIONS=%s, the older name %s and the role %s: %s, because %s',
  (...row) => {
    const [RUN_MIGRATIONS, RUN_MIGRATIONS_ON_START, SERVICE_ROLE, kind, because] = row
    expect(decideGate({ RUN_MIGRATIONS, RUN_MIGRATIONS_ON_START, SERVICE_ROLE })).toEqual({
      kind,
      because,
    })
  },
)

test('the table has every combination but the ambiguous role', () => {
  expect(new Set(table.map((row) => row.slice(0, 3).join())).size).toBe(3 * 3 * 4 - 1)
})

describe('the role', () => {
  test.each([
    'Migrate',
    'MIGRATE',
    'migrate ',
    ' migrate',
    'migrator',
    'migration',
    'migrations',
    'migrate-db',
    'migarte',
    'mirgate',
    'mgrate',
    'emigrate',
  ])("'%s' is ambiguous: too near to migrate to keep the gate closed", (role) => {
    expect(decideGate({ SERVICE_ROLE: role })).toEqual({ kind: 'ambiguous role', role })
  })

  test.each(['api', 'worker', 'calls', 'web', 'mirror', 'integrate'])(
    "'%s' closes the gate",
    (role) => {
      expect(decideGate({ SERVICE_ROLE: role }).kind).toBe('closed')
    },
  )
})
