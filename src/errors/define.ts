// The shape of one entry of the registry. Kept apart so that the lists of problems and the registry that
// joins them do not import each other.

import type { ExitCategory } from './exit-codes.ts'

export type Definition<Facts> = {
  readonly category: ExitCategory
  readonly title: (facts: Facts) => string
  readonly detail: (facts: Facts) => readonly string[]
  readonly database: string
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

/** A name as it must stand in SQL that somebody copies. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`

export const untouched = 'Nothing was changed.'
export const notContacted = 'The database was not contacted.'
