import { expect, test } from '@jest/globals'
import { readContract } from '../../../../src/contract/file/read.ts'
import { writeContract } from '../../../../src/contract/file/write.ts'
import type { Contract } from '../../../../src/contract/contract.ts'

const contract: Contract = {
  service: 'api',
  tables: {
    t: {
      columns: { a: { type: 'text', nullable: false }, 'odd "name"': {} },
      indexes: { i: { definition: 'btree (a)' } },
    },
    u: {},
  },
  enums: { e: ['a', 'b'] },
  extensions: ['x'],
}

test('a contract is written with one line for each column, index and constraint', () => {
  expect(writeContract(contract)).toBe(`{
  "$schema": "./contract.schema.json",
  "service": "api",
  "tables": {
    "t": {
      "columns": {
        "a": { "type": "text", "nullable": false },
        "odd \\"name\\"": {}
      },
      "indexes": {
        "i": { "definition": "btree (a)" }
      }
    },
    "u": {}
  },
  "enums": {
    "e": ["a", "b"]
  },
  "extensions": ["x"]
}
`)
})

test('what is written is read as the same contract', () => {
  const read = readContract('c.json', Buffer.from(writeContract(contract)))
  expect(read.kind === 'contract' && read.loaded.contract).toEqual({
    $schema: './contract.schema.json',
    ...contract,
  })
})
