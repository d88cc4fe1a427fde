// The contracts beside the migrations, or everything that is wrong with them at once. Offline: a bad contract fails before
// we connect. The only file of this module that reads the disk.

import { lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { nodeErrorCode } from '../../errors/node-error.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { shownFolder } from '../../migrations/load.ts'
import { isPassedOver } from '../../files/passed-over.ts'
import { mostOfSource, readRegularFile } from '../../files/regular-file.ts'
import type { LoadedContract } from '../contract.ts'
import { readContract } from './read.ts'

export type LoadedContracts = {
  /** In the order of their files. */
  readonly contracts: readonly LoadedContract[]
  readonly problems: readonly Problem[]
}

/** None where there is no folder 'contracts' in the folder of the migrations. */
export const loadContracts = (migrationsDir: string): LoadedContracts => {
  const folder = join(migrationsDir, 'contracts')
  const shown = `${shownFolder(migrationsDir)}/contracts`
  const names = listFolder(folder)
  if (typeof names === 'string') {
    // A missing folder of migrations is reported by those who load them.
    if (names === 'ENOENT' || !isFolder(migrationsDir)) return { contracts: [], problems: [] }
    const facts = { file: shown, reason: reasons[names] ?? names }
    return { contracts: [], problems: [problem('unreadable-contract', facts)] }
  }
  const loaded = names
    .filter((name) => !isPassedOver(name))
    .map((name) => loadFile(join(folder, name), `${shown}/${name.replace(/\p{Cc}/gu, '?')}`))
  const contracts = loaded.flatMap((each) => each.contracts)
  return {
    contracts,
    problems: [...loaded.flatMap(({ problems }) => problems), ...sharedServices(contracts)],
  }
}

/** One file, for those who name it themselves. */
export const loadContract = (path: string): LoadedContracts => loadFile(path, basename(path))

const listFolder = (folder: string): readonly string[] | string => {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    const code = nodeErrorCode(error)
    // A link to nothing is not a folder that is missing: somebody meant contracts to be there.
    const isLink = code === 'ENOENT' && lstatSync(folder, { throwIfNoEntry: false }) !== undefined
    return isLink ? 'it is a link that leads nowhere' : code
  }
}

const isFolder = (path: string): boolean => readRegularFile(path, 0).kind === 'folder'

const loadFile = (path: string, file: string): LoadedContracts => {
  const failedBy = (found: Problem): LoadedContracts => ({ contracts: [], problems: [found] })
  if (!file.endsWith('.json'))
    return failedBy(
      problem('unreadable-contract', { file, reason: 'its name does not end in .json' }),
    )
  const found = readRegularFile(path, mostOfSource)
  if (found.kind !== 'bytes') {
    const reason = found.kind === 'folder' ? 'it is a folder' : found.reason
    return failedBy(problem('unreadable-contract', { file, reason }))
  }
  const read = readContract(file, found.bytes)
  return read.kind === 'contract'
    ? { contracts: [read.loaded], problems: [] }
    : { contracts: [], problems: read.problems }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
}

// A copied file whose service was not changed would check one service twice and the other not at all.
const sharedServices = (contracts: readonly LoadedContract[]): readonly Problem[] => {
  const first = new Map<string, LoadedContract>()
  return contracts.flatMap((loaded): readonly Problem[] => {
    const { service } = loaded.contract
    const other = first.get(service)
    if (other === undefined) {
      first.set(service, loaded)
      return []
    }
    const facts = { service, files: [other.file ?? '', loaded.file ?? ''] }
    return [problem('duplicate-contract', facts, loaded.placeOf(['service']))]
  })
}
