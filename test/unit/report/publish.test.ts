import { describe, expect, test } from '@jest/globals'
import { terminationMessage } from '../../../src/report/publish.ts'

const last = 'MIGRATION FAILED: é (exit code 1)'

describe('the termination message', () => {
  test.each(['', last, 'x'.repeat(4_096), 'é'.repeat(2_048), '€\n'.repeat(1_024)])(
    'is the text as it is up to 4096 bytes (%#)',
    (text) => {
      expect(terminationMessage(text)).toBe(text)
    },
  )

  // One byte more each, so that the cut goes through every part of a character.
  test.each(
    ['a', 'é', '€', '😀'].flatMap((character) =>
      [0, 1, 2, 3].map(
        (shift) =>
          [
            `${shift} and ${character}`,
            `${'a'.repeat(shift)}${character.repeat(5_000)}\n${last}`,
          ] as const,
      ),
    ),
  )('keeps at most 4096 bytes, whole characters and the last line: %s', (_, text) => {
    const message = terminationMessage(text)
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096)
    expect(Buffer.byteLength(message)).toBeGreaterThan(4_096 - 8)
    expect(message).not.toContain('\uFFFD')
    expect(message.endsWith(`\n…\n${last}`)).toBe(true)
    expect(text.startsWith(message.slice(0, -`\n…\n${last}`.length))).toBe(true)
  })

  test('keeps the end of a last line that is itself too long', () => {
    const message = terminationMessage(`first\n${'é'.repeat(5_000)} (exit code 1)`)
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096)
    expect(message).not.toContain('\uFFFD')
    expect(message.startsWith('first\n')).toBe(true)
    expect(message.endsWith('é (exit code 1)')).toBe(true)
  })
})
