// A contract as a program hands it over, and one as a file has it; both have passed the schema.

import type { Contract, LoadedContract } from '../../../src/contract/contract.ts'
import { acceptContract, readContract, type ReadContract } from '../../../src/contract/file/read.ts'

export const aContract = (body: Omit<Contract, 'service'>, service = 'api'): LoadedContract =>
  loaded(acceptContract('the contract', { service, ...body }))

export const aFile = (text: string, file = 'contracts/api.json'): LoadedContract =>
  loaded(readContract(file, Buffer.from(text)))

const loaded = (read: ReadContract): LoadedContract => {
  if (read.kind === 'contract') return read.loaded
  throw new Error(read.problems.map(({ title }) => title).join('\n'))
}
