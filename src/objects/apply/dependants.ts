// What would go with an object when it is dropped, as dependantsQuery() finds it.

import type { Row } from '../../database/session/reply.ts'
import { keyOf, type Identity } from '../object-file.ts'
import { identityIn } from '../state/definitions.ts'

export type Dependant = {
  /** Undefined of what no file of migrations/objects/ can define. */
  readonly identity: Identity | undefined
  /** The server's words. */
  readonly words: string
  /** It would stay, and be another. */
  readonly isLinked: boolean
  /** Of a materialized view with its indexes. */
  readonly bytes: number
}

export const readDependants = (rows: readonly Row[]): readonly Dependant[] =>
  rows.map((row) => ({
    identity: row['kind'] === null ? undefined : identityIn(row),
    words: String(row['words']),
    isLinked: row['is_linked'] === true,
    bytes: Number(row['bytes']),
  }))

/** Those that are none of these. */
export const besides = (
  dependants: readonly Dependant[],
  keys: { readonly has: (key: string) => boolean },
): readonly Dependant[] =>
  dependants.filter(({ identity }) => identity === undefined || !keys.has(keyOf(identity)))
