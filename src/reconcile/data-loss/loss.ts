// The rule for data: what the database has now, and the history of the files does not explain, is never removed by a file that
// nobody recorded. Nor is what such a file itself makes, fills or gives a type: the half that removes it again is one that
// undoes the file, and the half that makes it has met what was there. Docs: docs/migrations.md, "What a file may remove".

import type { TakenName } from '../../schema/effects/rows/taken-name.ts'
import type { Allowance } from '../../migrations/migration.ts'
import { sqlType } from '../../lint/analysis/column-type.ts'
import { lossRule, type LossRule } from '../../lint/loss-rules.ts'
import type { Explains } from './explained.ts'
import { keyOfName } from './identities.ts'
import { isLossless } from './lossless.ts'
import type { LossQuery, Removal } from './removals.ts'

/** Something that the database has, and that would go. A value; catalog/ makes it. */
export type LostObject = {
  readonly name: TakenName
  /** What the statement names; what depends on that, and goes by CASCADE; what belongs to an extension. */
  readonly via: 'named' | 'dependent' | 'member'
  /** The column's type, in the server's words. */
  readonly type: string | undefined
  /** The table whose column a sequence belongs to. */
  readonly owner: TakenName | undefined
}

export type Because =
  | 'nobody made it'
  | 'it makes it'
  | 'it makes its schema'
  | 'it fills it'
  | 'it makes it again'
  | 'it gives it two types'

export type Loss = {
  readonly name: TakenName
  readonly how: Removal['take']['how']
  readonly statement: number
  /** The rule of lint that `@allow` names. */
  readonly rule: LossRule
  readonly verdict:
    /** The history made it. */
    | { readonly kind: 'explained' }
    | { readonly kind: 'allowed'; readonly allowance: Allowance }
    | {
        readonly kind: 'refused'
        readonly because: Because
        /** The other statement of the same file. */
        readonly other: number | undefined
      }
}

/** `there` has, for each of `sought.asks`, what would go. */
export const lossesOf = (
  removal: Removal,
  lostObject: readonly (readonly LostObject[])[],
  explains: Explains,
): readonly Loss[] => {
  const found = new Map<string, Loss>()
  removal.queries.forEach(({ candidates }, index) => {
    for (const each of lostObject[index] ?? []) {
      if (!isThereStill(removal, each) || keepsValues(removal, each)) continue
      const loss = lossOf({ ...removal, candidates }, each, explains)
      if (loss !== undefined) found.set(keyOfName(each.name), loss)
    }
  })
  return [...found.values()]
}

/** With what was asked for. */
type RemovalCandidate = Removal & Pick<LossQuery, 'candidates'>

// A statement before it may have removed it already, or out of the schema.
const isThereStill = ({ take, locate }: Removal, { name }: LostObject): boolean => {
  const where = locate(name)
  if (where === 'gone') return false
  const schemas = take.candidates.flatMap((each) => (each.kind === 'schema' ? [each.name] : []))
  return where === 'as before' || schemas.length === 0 || schemas.includes(where.now.schema)
}

const keepsValues = ({ take: { how, type } }: Removal, lostObject: LostObject): boolean =>
  how === 'retype' &&
  type !== undefined &&
  lostObject.type !== undefined &&
  isLossless(lostObject.type, sqlType(type))

const lossOf = (
  removal: RemovalCandidate,
  lostObject: LostObject,
  explains: Explains,
): Loss | undefined => {
  const { take, statement, migration } = removal
  const rule = lossRule(take, lostObject.via === 'named' ? 'named' : 'along')
  const loss = { name: lostObject.name, how: take.how, statement, rule }
  const pair = pairOf(removal, lostObject)
  // Rows that are named by a value are intended.
  if (pair === undefined && take.how === 'delete' && take.keyed) return undefined
  const refusal =
    pair ?? (isExplained(removal, lostObject, explains) ? ownSchemaOf(removal) : nobodys)
  if (refusal === undefined) return { ...loss, verdict: { kind: 'explained' } }
  const allowance = migration.directives.allow?.find((allowed) => allowed.rule === rule)
  if (allowance !== undefined) return { ...loss, verdict: { kind: 'allowed', allowance } }
  return { ...loss, verdict: { kind: 'refused', ...refusal } }
}

/** Why it is refused, and the other statement of the same file. */
type Refusal = { readonly because: Because; readonly other: number | undefined }

const nobodys: Refusal = { because: 'nobody made it', other: undefined }

const pairOf = (removal: RemovalCandidate, { name, via }: LostObject): Refusal | undefined => {
  const { take, statement, candidates, made, filled, creations, retypings } = removal
  const { how } = take
  const keys = [name, ...candidates].map(keyOfName)
  const among = (notes: ReadonlyMap<string, number>): number | undefined =>
    keys.map((key) => notes.get(key)).find((each) => each !== undefined)
  const filling = how === 'empty' || how === 'delete' ? among(filled) : undefined
  if (filling !== undefined) return { because: 'it fills it', other: filling }
  const making = how === 'delete' && take.keyed ? undefined : among(made)
  if (making !== undefined) return { because: 'it makes it', other: making }
  const [retyping] = retypings
  if (retyping !== undefined) return { because: 'it gives it two types', other: retyping }
  if (how !== 'drop' || name.kind === 'materialized view') return undefined
  const now = via === 'named' ? take.candidates.map(keyOfName) : [keyOfName(name)]
  const again = creations.find((each) => each.statement >= statement && now.includes(each.key))
  return again && { because: 'it makes it again', other: again.statement }
}

/** What a recorded file made was moved into it. */
const ownSchemaOf = ({ take, statement, creations }: Removal): Refusal | undefined => {
  const schemas = take.candidates.filter(({ kind }) => kind === 'schema').map(keyOfName)
  const making = creations.find((each) => each.statement < statement && schemas.includes(each.key))
  return making && { because: 'it makes its schema', other: making.statement }
}

const isExplained = (
  { take, candidates }: RemovalCandidate,
  lostObject: LostObject,
  explains: Explains,
): boolean => {
  const kinds = take.candidates.map(({ kind }) => kind)
  // What belongs to a role is whatever anybody gave it, and a database may be another service's.
  if (kinds.includes('role') || kinds.includes('database')) return false
  const { name, owner, via } = lostObject
  if (via === 'member') return candidates.some(explains)
  return explains(name) || (owner !== undefined && explains(owner))
}
