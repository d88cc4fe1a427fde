// What the rest of a file drops anyway: whoever takes off an index first, for tidiness, adds no lock and no harm to it.

import { objectKey, type ObjectName, type RelationName } from '../../schema/effects/effect.ts'
import { relationObject } from '../../schema/effects/scope.ts'
import type { ReadStatement } from '../../schema/history/history.ts'
import type { Subject } from '../subject/subject.ts'

/** Does a later statement of the same file drop the table or view, or its schema? */
export const isDroppedBehind = (
  { wholeHistory, at, earlier }: Subject,
  relation: RelationName,
): boolean => {
  const drops = dropsOf(wholeHistory.history.migrations[at]?.statements ?? [])
  const schema: ObjectName = { kind: 'schema', schema: '', table: '', name: relation.schema }
  return [relationObject('table', relation), schema].some(
    (object) => (drops.get(objectKey(object)) ?? -1) > earlier.count(),
  )
}

type Drops = ReadonlyMap<string, number>

const known = new WeakMap<readonly ReadStatement[], Drops>()

/** The last statement that drops each. */
const dropsOf = (statements: readonly ReadStatement[]): Drops => {
  const drops =
    known.get(statements) ??
    new Map(
      statements.flatMap(({ effects }, at) =>
        effects.flatMap(({ kind, object }) =>
          kind === 'drop' ? [[objectKey(object), at] as const] : [],
        ),
      ),
    )
  known.set(statements, drops)
  return drops
}
