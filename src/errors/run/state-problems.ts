// What the database has that does not go with a migration: half of it, something else under its name, evidence that
// cannot be read, or not what the file promised after it ran.

import { define, gitMove, untouched, type Move } from '../define.ts'

export type Difference = {
  readonly object: string
  readonly facet: string
  readonly expected: string
  readonly found: string
}

const mostShown = 8

export const sideBySide = (differences: readonly Difference[]): readonly string[] => [
  ...differences
    .slice(0, mostShown)
    .flatMap(({ object, facet, expected, found }) => [
      facet === '' || facet === 'existence' || facet === 'definition'
        ? object
        : `${object}, ${facet}`,
      `  expected: ${expected}`,
      `  found:    ${found}`,
    ]),
  ...more(differences.length),
]

const more = (count: number): readonly string[] =>
  count > mostShown ? [`… and ${count - mostShown} more`] : []

const list = (words: string, names: readonly string[]): string =>
  `${words} ${[...names.slice(0, mostShown), ...more(names.length)].join(', ')}`

export const subjects = (differences: readonly Pick<Difference, 'object'>[]): string => {
  const objects = [...new Set(differences.map(({ object }) => object))]
  return objects.length > 1
    ? `${objects[0] ?? ''} and ${objects.length - 1} more`
    : (objects[0] ?? '')
}

const sayItYourself =
  "declare with '-- @fingerprint …' at the top of the file what proves that it has run"

const queryThatTells =
  "'-- @fingerprint sql SELECT …', a query that is true once the file has run and false before, on a new database too. Most data has such a query: SELECT EXISTS (SELECT FROM … WHERE …)."

/**
 * `last or next`: it may be the last that ran by other means, or the next to run; `adopt` leaves it to the next run.
 * `ran or by hand`: it ran by other means, or somebody made by hand what is there; `adopt` takes it as done.
 */
export type Doubt = 'last or next' | 'ran or by hand'

const orAdopt: Readonly<Record<Doubt, string>> = {
  'last or next':
    " If the file has not run: 'schemagate adopt' records what exists and leaves this file to the next run.",
  'ran or by hand':
    " If the file has run: 'schemagate adopt' records it together with what exists.",
}

export type RenamedThing = {
  /** 'column t.a' */
  readonly object: string
  /** 'column t.b' */
  readonly now: string
  readonly why: 'to be made' | 'dropped'
  /** 'column t.a', as '@fingerprint' takes it. */
  readonly fingerprint: string
  /** The statement that renames it back. */
  readonly back: string
}

export type LostThing = {
  /** 'table customer', 'all rows of table customer' */
  readonly what: string
  /** Of the statement; empty where the file could not be read. */
  readonly line: number | undefined
  /** ' (3.2 MB, about 1,200 rows)'; empty where it is not known. */
  readonly size: string
  readonly because: string
  /** What '@allow' would name. */
  readonly rule: string
}

/** A file of a higher number that the database has already, and what both it and the late file touch. */
export type Met = { readonly after: string; readonly object: string }

export const stateProblems = {
  'data-loss': define({
    category: 'refused',
    title: (facts: { file: string; version: string; losses: readonly LostThing[] }) =>
      `${facts.file} would remove what the database has: ${subjects(facts.losses.map(({ what }) => ({ object: what })))}`,
    detail: ({ losses }) => [
      ...losses
        .slice(0, mostShown)
        .flatMap(({ what, line, size, because }) => [
          `${line === undefined ? '' : `line ${line}: `}${what}${size}`,
          `  ${because}`,
        ]),
      ...more(losses.length),
    ],
    database: untouched,
    fix: ({ losses }) =>
      'If these statements undo the file, delete them: schemagate runs a file from its first line to its last and never undoes one. If the loss is intended, say why at the top of the file: ' +
      [...new Set(losses.map(({ rule }) => `'-- @allow ${rule} <reason>'`))].join(' and ') +
      '.',
  }),
  'conflicting-objects': define({
    category: 'refused',
    title: (facts: { file: string; version: string; differences: readonly Difference[] }) =>
      `${facts.file} is not recorded, and the database has ${subjects(facts.differences)} with a different definition`,
    detail: (facts) => sideBySide(facts.differences),
    database: untouched,
    fix: () =>
      `Change what exists to the expected definition, or rename or drop it, and run again. If the database is right as it is: correct the file, or ${sayItYourself}.`,
  }),
  'renamed-by-hand': define({
    category: 'refused',
    title: (facts: { file: string; version: string; renamed: readonly RenamedThing[] }) => {
      const [first] = facts.renamed
      const more = facts.renamed.length > 1 ? `, and ${facts.renamed.length - 1} more` : ''
      return `${facts.file} is not recorded, and the database has ${first?.now ?? ''} where ${first?.object ?? ''} was to be${more}`
    },
    detail: ({ renamed }) => [
      ...renamed
        .slice(0, mostShown)
        .map(({ object, now, why }) =>
          why === 'dropped'
            ? `${object} is gone as if this file had run, but no file creates ${now}, which looks the same: somebody may have renamed it`
            : `no file creates ${now}, which looks as ${object} should: somebody may have renamed it, and this file would create it a second time`,
        ),
      ...more(renamed.length),
    ],
    database: untouched,
    fix: ({ renamed }) => {
      const [first] = renamed
      const otherwise =
        first?.why === 'dropped'
          ? `If the file has run: ${sayItYourself}`
          : `If the file has not run, and ${first?.now ?? ''} is something else: name what it creates at the top of the file: '-- @fingerprint ${first?.fingerprint ?? ''}'`
      return `If it was renamed: rename it back (${renamed.map(({ back }) => back).join('; ')}), run again, and rename it in a new file. ${otherwise}.`
    },
  }),
  'partial-state': define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      present: readonly string[]
      missing: readonly string[]
      /** What a second run of it would do to data. */
      harm: readonly string[]
    }) => `${facts.file} is not recorded, and the database has only part of what it creates`,
    detail: (facts) => [
      list('there:  ', facts.present),
      list('missing:', facts.missing),
      ...(facts.harm.length === 0 ? [] : [list('running it could', facts.harm)]),
    ],
    database: untouched,
    fix: () =>
      `Choose one, and run again. Complete it: run by hand the statements that create what is missing; the file is then recognised as done. Remove it: drop what exists, if nothing needs it; the whole file then runs. Let it complete itself, if running it twice does no harm: guard its statements (IF NOT EXISTS, IF EXISTS, ON CONFLICT). Mark it as done: ${sayItYourself}.`,
  }),
  undecided: define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      /** All that it makes, where all of that is there and only its data changes are in doubt. */
      there: readonly string[]
      /** What it makes; of a file that makes nothing that could be seen, none. */
      missing: readonly string[]
      /** Of a file of which all is there: its data changes. */
      harm: readonly string[]
      doubt: Doubt | undefined
    }) =>
      facts.there.length > 0
        ? `what ${facts.file} creates is in the database, but the database does not show whether its data changes were made as well`
        : facts.missing.length === 0
          ? `nothing in the database shows whether ${facts.file} has run, and running it again could do harm`
          : `${facts.file} may have run, and running it again could do harm: what it creates is not in the database, but what later files create is`,
    detail: (facts) =>
      facts.there.length > 0
        ? [list('there:  ', facts.there), list('unknown:', facts.harm)]
        : [
            ...(facts.missing.length === 0 ? [] : [list('missing', facts.missing)]),
            list('running it could', facts.harm),
          ],
    database: untouched,
    fix: ({ there, doubt }) =>
      there.length > 0
        ? `If the whole file has run by other means: 'schemagate adopt' records it as done. If somebody created by hand only what is there: guard the statements that create it (IF NOT EXISTS), and give evidence of the data at the top of the file: ${queryThatTells}`
        : `Give evidence at the top of the file: ${queryThatTells}${doubt === undefined ? '' : orAdopt[doubt]}`,
  }),
  'out-of-order': define({
    category: 'refused',
    title: (facts: { file: string; version: string; after: string; moves: readonly Move[] }) =>
      `${facts.file} is out of order: ${facts.after} is already recorded`,
    database: untouched,
    fix: ({ moves }) =>
      `Give it the next free number: ${moves.map(gitMove).join(' ')}\nOr run without --strict-order (STRICT_ORDER=0): it then runs after the recorded ones.`,
  }),
  'late-conflict': define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      meets: readonly Met[]
      moves: readonly Move[]
    }) =>
      `${facts.file} is out of order, and a new database, which runs the files in the order of their numbers, may end up different: ${subjects(facts.meets)}`,
    detail: ({ meets }) => [
      ...meets
        .slice(0, mostShown)
        .map(
          ({ after, object }) => `${after}, which the database already has, touches ${object} too`,
        ),
      ...more(meets.length),
    ],
    database: untouched,
    fix: ({ moves }) =>
      `Give it${moves.length > 1 ? ', and what builds on it,' : ''} a number after the recorded ones, as it would run here:\n${moves.map(gitMove).join('\n')}\n` +
      'If another database has already recorded it under this number, keep the name, make sure that the order does no harm, and run with STRICT_ORDER=0.',
  }),
  'fingerprint-failed': define({
    category: 'refused',
    title: (facts: { file: string; directive: string; reason: string }) =>
      `a fingerprint of ${facts.file} cannot be checked: ${facts.reason}`,
    detail: (facts) => [facts.directive],
    database: untouched,
    fix: () =>
      "It must be a query that returns one row with one boolean, also before the migration has run, such as: -- @fingerprint sql SELECT to_regclass('public.call_log') IS NOT NULL",
  }),
  'not-verified': define({
    category: 'migration failed',
    title: (facts: { file: string; differences: readonly Difference[] }) =>
      `${facts.file} ran, but the database does not have what it promises: ${subjects(facts.differences)}`,
    detail: (facts) => sideBySide(facts.differences),
    database:
      'This migration was rolled back whole; those before it are applied and recorded; none after it was attempted.',
    fix: () =>
      'A guard (IF NOT EXISTS) skipped something else of that name, or a block swallowed an error: correct the file or the database, and run again.',
  }),
} as const
