import { describe, expect, test } from '@jest/globals'
import { lockCondition, lockKeyOf } from '../../../../src/database/lock/key.ts'
import type { LockKey } from '../../../../src/database/lock/locked-session.ts'

describe('the key of the lock', () => {
  test('is the same in every version: runners of two images must meet', () => {
    expect(lockKeyOf('schemagate.schema_migrations')).toBe(-8_954_585_129_959_548_871n)
  })

  test('differs by ledger', () => {
    const keys = ['schemagate', 'billing', 'schemagate2'].map((schema) =>
      lockKeyOf(`${schema}.schema_migrations`),
    )
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('fits bigint, and uses its whole range', () => {
    const keys = Array.from({ length: 200 }, (_, at) => lockKeyOf(`s${at}.schema_migrations`))
    for (const key of keys) expect(BigInt.asIntN(64, key)).toBe(key)
    expect(keys.some((key) => key < 0n)).toBe(true)
    expect(keys.some((key) => key > 2n ** 32n)).toBe(true)
  })
})

// pg_locks shows a bigint key as two oids, which are not negative.
test.each([
  [1n, 0n, 1n],
  [2n ** 32n, 1n, 0n],
  [0x1234_5678_9abc_def0n, 0x1234_5678n, 0x9abc_def0n],
  [-1n, 0xffff_ffffn, 0xffff_ffffn],
  [-(2n ** 63n), 0x8000_0000n, 0n],
  [-(2n ** 32n), 0xffff_ffffn, 0n],
  [2n ** 63n - 1n, 0x7fff_ffffn, 0xffff_ffffn],
])('the key %d is shown by pg_locks as %d and %d', (key, high, low) => {
  const condition = lockCondition(key as LockKey)
  expect(condition).toContain(`classid = ${high} AND objid = ${low}\n`)
  expect(condition).toContain('objsubid = 1')
})
