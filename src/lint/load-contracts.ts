// The contracts beside the migrations, for lint and for the hazards of a plan. The only file of this room that reads the disk.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readContract, type Contract } from './contract.ts'

// Only those that can be read: whether a contract is well-formed is for the commands that check it.
export const loadContracts = (folder: string): readonly Contract[] => {
  try {
    const path = join(folder, 'contracts')
    return readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .flatMap((name) => {
        const text = readFileSync(join(path, name), 'utf8')
        return readContract(text, basename(name, '.json')) ?? []
      })
  } catch {
    return []
  }
}
