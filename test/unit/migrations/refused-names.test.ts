import { expect, test } from '@jest/globals'
import { readFileName } from '../../../src/migrations/file-name.ts'

test.each(['1_a\nb.sql', '1_\u001b[31m.sql'])(
  'a name with a control character is none: %j',
  (entry) => {
    expect(readFileName(entry)).toEqual({
      kind: 'other',
      reason: 'its name holds a control character',
    })
  },
)
