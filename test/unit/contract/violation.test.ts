import { expect, test } from '@jest/globals'
import {
  describeContractObject,
  relationOf,
  type ContractObject,
} from '../../../src/contract/violation.ts'

test.each<readonly [ContractObject, words: string, relation: string | undefined]>([
  [{ kind: 'table', of: undefined, name: 'call_log' }, 'table call_log', 'call_log'],
  [{ kind: 'view', of: undefined, name: 'audit.calls' }, 'view audit.calls', 'audit.calls'],
  [{ kind: 'column', of: 'call_log', name: 'sid' }, 'column call_log.sid', 'call_log'],
  [
    { kind: 'constraint', of: 'audit.events', name: 'k' },
    'constraint audit.events.k',
    'audit.events',
  ],
  // Its name is that of the schema, not of the table.
  [
    { kind: 'index', of: 'call_log', name: 'call_log_sid_idx' },
    'index call_log_sid_idx',
    'call_log',
  ],
  [{ kind: 'enum', of: undefined, name: 'call_status' }, 'enum call_status', undefined],
  [{ kind: 'extension', of: undefined, name: 'pg_trgm' }, 'extension pg_trgm', undefined],
  [{ kind: 'function', of: undefined, name: 'touch(bigint)' }, 'function touch(bigint)', undefined],
])('%j is told as %s, among those of %s', (object, words, relation) => {
  expect(describeContractObject(object)).toBe(words)
  expect(relationOf(object)).toBe(relation)
})
