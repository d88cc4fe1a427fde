// The shape of one entry of the registry. Kept apart so that the lists of problems and the registry that
// joins them do not import each other.

import type { ExitCategory } from './exit-codes.ts'

export type Definition<Facts> = {
  readonly category: ExitCategory
  readonly title: (facts: Facts) => string
  readonly detail: (facts: Facts) => readonly string[]
  /** What happened to the database. */
  readonly database: string | ((facts: Facts) => string)
  readonly fix: (facts: Facts) => string
}

const nothing = (): readonly string[] => []

/** `detail` may be left out where the title says it all. */
export const define = <Facts>(
  definition: Omit<Definition<Facts>, 'detail'> & Partial<Pick<Definition<Facts>, 'detail'>>,
): Definition<Facts> => ({ detail: nothing, ...definition })

/** '1 migration', '3 migrations'. */
export const someMigrations = (count: number): string =>
  `${count} migration${count === 1 ? '' : 's'}`

/** A word of a command that somebody copies into a shell. */
export const shellWord = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

export type Move = { readonly from: string; readonly to: string }

export const gitMove = ({ from, to }: Move): string => `git mv ${shellWord(from)} ${shellWord(to)}`

/** A name as it must be in SQL that somebody copies. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`

// The words that pg_get_keywords() of PostgreSQL 18 calls reserved.
const reserved: ReadonlySet<string> = new Set(
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with'.split(
    ' ',
  ),
)

const mostNamed = 8

/** The first few. */
export const shortList = (names: readonly string[]): string =>
  [
    ...names.slice(0, mostNamed),
    ...(names.length > mostNamed ? [`… and ${names.length - mostNamed} more`] : []),
  ].join(', ')

export const untouched = 'Nothing was changed.'
export const notContacted = 'The database was not contacted.'

/** Of what is done off the gate, and came before the migrations that it needs. */
export const tooEarly = define({
  category: 'try again',
  title: (facts: { file: string; missing: string }) =>
    `${facts.file} needs something that does not exist: ${facts.missing}`,
  database: untouched,
  fix: () =>
    "First apply the migrations that create it ('schemagate status' shows what is pending). If none does, the name is misspelled.",
})
