// Does the text of a contract name the type that the database has?

import type { Facts } from '../facts.ts'
import { canonicalType, withoutSchema } from '../type-name.ts'

type Path = Pick<Facts, 'searchPath'>

/** False also where the text is spelled in a way that only the server understands. `found` is format_type()'s. */
export const isSameType = (text: string, found: string, path: Path): boolean =>
  isFound(canonicalType(text), found, path)

/** Of a function's arguments and result, the server keeps no length and no precision. */
export const isSameBareType = (text: string, found: string, path: Path): boolean =>
  isFound(canonicalType(text).replace(/\([^)]*\)/g, ''), found, path)

const isFound = (expected: string, found: string, { searchPath }: Path): boolean => {
  if (expected === found) return true
  const bare = withoutSchema(found)
  const schema = found.slice(0, found.length - bare.length - 1)
  return bare !== found && expected === bare && searchPath.includes(schema.replaceAll('"', ''))
}
