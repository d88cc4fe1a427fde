import { expect, test } from '@jest/globals'
import { roundsOf, unsuited } from '../../../../src/database/connect/target-session.ts'

const primary = { role: 'primary', writes: 'allowed' } as const
const readOnly = { role: 'primary', writes: 'off by default' } as const
const standby = { role: 'standby', writes: 'allowed' } as const

test.each([
  ['any', true, true, true],
  ['read-write', true, false, false],
  ['read-only', false, true, true],
  ['primary', true, true, false],
  ['standby', false, false, true],
] as const)(
  '%s takes a primary: %s, a read-only database: %s, a standby: %s',
  (wanted, ...takes) => {
    const will = [primary, readOnly, standby].map(
      (server) => unsuited(wanted, server) === undefined,
    )
    expect(will).toEqual(takes)
  },
)

test('prefer-standby takes any server when there is no standby', () => {
  expect(roundsOf('prefer-standby')).toEqual(['standby', 'any'])
  expect(roundsOf('primary')).toEqual(['primary'])
})

test('why a server will not do is said', () => {
  expect(unsuited('read-write', standby)).toBe(
    'it is a standby, not what target_session_attrs=read-write asks for',
  )
  expect(unsuited('read-write', readOnly)).toContain('it is read-only')
  expect(unsuited('standby', primary)).toContain('it is a primary that takes writes')
})
