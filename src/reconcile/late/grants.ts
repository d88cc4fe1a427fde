// Rights: a GRANT on all tables of a schema gives none on those that come later, and default privileges only on those. Pure.

import { describeObject } from '../../schema/effects/effect.ts'
import type { Operation } from './operations.ts'

export const grantConflict = (a: Operation, b: Operation): string | undefined =>
  isCovered(a, b) ?? isCovered(b, a) ?? contradict(a, b)

/** Is what the other makes, or renames, among all that one speaks of? */
const isCovered = ({ granting }: Operation, { effects }: Operation): string | undefined => {
  const all = granting?.all
  if (all === undefined) return undefined
  const covered = effects
    .filter(({ kind }) => kind === 'create')
    .find(
      ({ object: { kind, schema } }) =>
        all.kinds.includes(kind) && (all.schemas.length === 0 || all.schemas.includes(schema)),
    )
  return covered && `privileges on ${describeObject(covered.object)}`
}

const contradict = (
  { granting: one }: Operation,
  { granting: other }: Operation,
): string | undefined => {
  if (one === undefined || other === undefined || one.how === other.how) return undefined
  const to = one.to.find((role) => other.to.includes(role))
  const shares =
    one.all !== undefined ||
    other.all !== undefined ||
    one.objects.some((object) => other.objects.includes(object))
  return to !== undefined && shares ? `privileges of ${to}` : undefined
}
