// A base file: it makes what a history made that is no longer among the files, and says so at its head,
// '-- @replaces 0001-0109 sha256:…'. In the ledger it has a version of its own, B109: the row of 109 stays that of the file that ran.

import { hash } from 'node:crypto'
import { problem, type Problem } from '../errors/problem.ts'
import { shellWord } from '../errors/define.ts'
import type { Checksum, Migration, MigrationVersion, Replaces } from './migration.ts'

export const replacesPattern = String.raw`^\d{1,18}-\d{1,18}\s+sha256:[0-9a-f]{64}$`
export const replacesForm =
  'two numbers and a checksum, as schemagate squash writes them: 0001-0109 sha256:<64 hexadecimal digits>'

export const readReplaces = (value: string): Replaces | undefined => {
  const match = /^(\d+)-(\d+)\s+sha256:([0-9a-f]{64})$/.exec(value)
  if (match === null) return undefined
  const [, from = '', to = '', digest = ''] = match
  return { from, to, digest }
}

/** SHA-256 in hex over the checksums (64 hexadecimal digits each) in the order of their versions, with a line end between each two. */
export const replacedDigest = (checksums: readonly Checksum[]): string =>
  hash('sha256', checksums.join('\n'))

export const baseVersionOf = (version: MigrationVersion): MigrationVersion =>
  `B${version}` as MigrationVersion

export const isBaseVersion = (version: MigrationVersion): boolean => /^B\d+$/.test(version)

/** '109' of '109' and of 'B109'. */
export const numberOf = (version: MigrationVersion): MigrationVersion =>
  (version.startsWith('B') ? version.slice(1) : version) as MigrationVersion

/** What cannot be beside a base file: whatever comes before it, and is in it or never will be. `migrations` are in their order. */
export const filesBesideBase = (migrations: readonly Migration[]): readonly Problem[] => {
  const at = migrations.findLastIndex(({ directives }) => directives.replaces !== undefined)
  const base = migrations[at]
  const before = migrations.slice(0, at)
  if (base?.directives.replaces === undefined || before.length === 0) return []
  const { from, to } = base.directives.replaces
  return [
    problem('replaced-files-left', {
      ...{ base: base.file, from, to, files: before.map(({ file }) => file) },
      remove: `git rm ${before.map(({ file }) => shellWord(file)).join(' ')}`,
    }),
  ]
}
