// What a file sets for the statements behind it is said again in front of each of them: every unit begins with the login's
// settings and ends with them, so that nothing leaks.

import type { Server } from '../../database/server/server.ts'
import { startOf, type Unit, type UnitStatement } from '../../migrations/prepare/units.ts'

/** The statements before this one that set something, as SQL. */
export const settingsBefore = (
  units: readonly Unit[],
  number: number,
  text: string,
): string | undefined => {
  const found = settersBefore(units, number)
  return found.length === 0
    ? undefined
    : found.map((statement) => text.slice(startOf(text, statement), statement.end)).join(';\n')
}

const settersBefore = (units: readonly Unit[], number: number): readonly UnitStatement[] =>
  units
    .flatMap(({ statements }) => statements)
    .filter((statement) => statement.number < number && statement.sets.length > 0)

/** MIGRATION_ROLE, unless the file has put on another before this statement. */
export const roleFor = (
  units: readonly Unit[],
  number: number,
  { searchPath: { role } }: Server,
): string | undefined =>
  settersBefore(units, number)
    .flatMap(({ sets }) => sets)
    .some(({ kind, name }) => kind === 'sets' && name === 'role')
    ? undefined
    : role
