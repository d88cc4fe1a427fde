// The text of a base file, from the objects of a dump. Pure.

import type { DumpedObject } from '../../catalog/dump/paragraphs.ts'
import { renderDump } from '../../catalog/dump/render.ts'
import { checksumOf, versionOf, type Migration, type Replaces } from '../../migrations/migration.ts'
import { baseVersionOf, replacedDigest } from '../../migrations/replaces.ts'
import { readDirectives } from '../../migrations/directives/directives.ts'

/** '0109' of '0109_call_log_timing'. */
export const digitsOf = ({ name }: Migration): string => /^\d+/.exec(name)?.[0] ?? ''

/** `files` are those that it replaces, in their order; not empty. */
export const replacesOf = (files: readonly Migration[]): Replaces => {
  const [first] = files
  const last = files.at(-1)
  return {
    from: first?.directives.replaces?.from ?? (first === undefined ? '' : digitsOf(first)),
    to: last === undefined ? '' : digitsOf(last),
    digest: replacedDigest(files.map(({ checksum }) => checksum)),
  }
}

export const baseText = (
  { from, to, digest }: Replaces,
  objects: readonly DumpedObject[],
): string => `-- @replaces ${from}-${to} sha256:${digest}
-- Written by schemagate squash: what the files ${from} to ${to} make, as one. Edit nothing but to carry rows over at its end.

${forOneFile(renderDump([]))}
${objects.map(({ sql }) => `${sql}\n`).join('\n')}`

// The gate resets what a file sets; in a file that is a transaction of its own there need be nothing to reset.
const forOneFile = (header: string): string =>
  header
    .replace(/^SET (?!LOCAL)/gm, 'SET LOCAL ')
    .replace("set_config('search_path', '', false)", "set_config('search_path', '', true)")

/** The file as the gate will read it. */
export const baseMigration = (
  { to }: Replaces,
  text: string,
  at: { readonly name: string; readonly file: string },
): Migration => ({
  version: baseVersionOf(versionOf(to)),
  ...{ ...at, text, rows: [], checksum: checksumOf(text) },
  directives: readDirectives(at.file, text).directives,
})
