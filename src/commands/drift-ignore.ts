// The file `drift.ignore` beside the migrations: what the database may have otherwise. One pattern a line, '#' begins a comment:
// 'audit.*', 'index public.call_log_tmp_*'.

import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { fail } from '../errors/problem.ts'
import { mostOfSource, readRegularFile } from '../files/regular-file.ts'
import { isLink } from '../files/regular-file.ts'
import { shownFolder } from '../migrations/load.ts'
import type { ObjectText } from '../objects/load.ts'
import type { ObjectName } from '../schema/effects/effect.ts'

export type Ignored = {
  readonly patterns: readonly string[]
  readonly isIgnored: (object: ObjectName) => boolean
}

const ignoreFile = 'drift.ignore'

/** Throws `unreadable-drift-ignore`. Without the file nothing is ignored. */
export const readIgnored = (migrationsDir: string): Ignored => {
  const path = join(migrationsDir, ignoreFile)
  const found = readRegularFile(path, mostOfSource)
  if (found.kind === 'bytes') return ignoring(found.bytes.toString('utf8'))
  if (found.kind === 'unreadable' && found.reason === 'it is not there' && !isLink(path))
    return ignoring('')
  const reason = found.kind === 'folder' ? 'it is a folder' : found.reason
  return fail('unreadable-drift-ignore', {
    file: `${shownFolder(migrationsDir)}/${ignoreFile}`,
    reason,
  })
}

const ignoring = (text: string): Ignored => {
  const patterns = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
  const matchers = patterns.map(matcherOf)
  return {
    patterns,
    isIgnored: (object) => namesOf(object).some((name) => matchers.some((each) => each.test(name))),
  }
}

// With its kind or without; what is in the schema public with it or without; and what belongs to an ignored table, too.
const namesOf = ({ kind, schema, table, name }: ObjectName): readonly string[] => {
  const whole = [table, name].filter((word) => word !== '').join('.')
  const qualified = [
    ...(schema === '' ? [whole] : [`${schema}.${whole}`]),
    ...(schema === 'public' ? [whole] : []),
  ]
  const ofTable =
    table === ''
      ? []
      : [`table ${schema}.${table}`, ...(schema === 'public' ? [`table ${table}`] : [])]
  return [...qualified, ...qualified.map((each) => `${kind} ${each}`), ...ofTable]
}

// '*' is any number of characters.
const matcherOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('.*')}$`,
    's',
  )

/** What a run needs to compare tables before it changes them. */
export type Watched = {
  /** The files of migrations/objects/. */
  readonly objects: readonly ObjectText[]
  readonly isIgnored: Ignored['isIgnored']
}

/** Undefined where DRIFT does not ask for it. Throws `unreadable-drift-ignore`. */
export const loadWatched = (
  { drift, migrationsDir }: Pick<Config, 'drift' | 'migrationsDir'>,
  objects: readonly ObjectText[],
): Watched | undefined =>
  drift === 'off' ? undefined : { objects, isIgnored: readIgnored(migrationsDir).isIgnored }
