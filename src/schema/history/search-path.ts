// What a statement makes of the search path for the rest of its file: SET, SET LOCAL, RESET, and the set_config() that
// pg_dump writes.

import type { Node } from 'libpg-query'
import { settingsIn } from '../../sql/transaction/settings.ts'

/** Undefined when it leaves the path as it is; a path that is undefined is the login role's again. */
export const searchPathSetBy = (
  node: Node,
): { readonly path: readonly string[] | undefined } | undefined => {
  const set = settingsIn(node).findLast(({ name }) => name === 'search_path' || name === 'all')
  if (set === undefined) return undefined
  const { by, values } = set
  if (values.length === 0) return { path: undefined }
  const names = by === 'SET' ? values : (values[0] ?? '').split(',').map(readName)
  return { path: names.flatMap((name = '') => (isSchema(name) ? [name] : [])) }
}

// As PostgreSQL reads an identifier: in quotes as it is, otherwise in small letters.
const readName = (text: string): string => {
  const name = text.trim()
  return /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}

// "$user" is the schema of a role that the file does not name, and it seldom exists.
const isSchema = (name: string): boolean => name !== '' && name !== '$user'
