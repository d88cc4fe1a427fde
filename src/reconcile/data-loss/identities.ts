// Who is who while files run: what is called so now, and what that was called before the first of them.

import { objectKey, type Effect, type ObjectName } from '../../schema/effects/effect.ts'
import type { TakenName } from '../../schema/effects/rows/taken-name.ts'

type Identity =
  /** It may be there before the files run, under this name. */
  | { readonly kind: 'from before'; readonly name: TakenName }
  /** The files make it, where they have taken away what had its name. */
  | { readonly kind: 'made' }
  | { readonly kind: 'gone' }

export type Identities = {
  readonly of: (name: TakenName) => Identity
  /** Puts a statement's effect on a name in force. */
  readonly follow: (effect: Effect) => void
  /** What is in this schema under another name than it had before the files ran; by that name. */
  readonly movedInto: (schema: string) => readonly TakenName[]
  /** As it is at this moment. */
  readonly locator: () => Locate
}

/** By the name that it had before the files ran. */
export type Locate = (before: TakenName) => 'gone' | 'as before' | { readonly now: TakenName }

export const keyOfName = (name: TakenName): string => objectKey(name as ObjectName)

type Entry = { readonly current: TakenName; readonly identity: Identity }

export const makeIdentities = (): Identities => {
  const entries = new Map<string, Entry>()
  const of = (name: TakenName): Identity => {
    if (name.kind === 'column') return ofColumn(name)
    const own = entries.get(keyOfName(name))
    if (own !== undefined) return own.identity
    const schema = entries.get(keyOfName(schemaNamed(name.schema)))?.identity
    if (name.schema === '' || schema === undefined || schema.kind === 'gone')
      return { kind: 'from before', name }
    return schema.kind === 'made'
      ? schema
      : { kind: 'from before', name: { ...name, schema: schema.name.name } }
  }
  const ofColumn = (column: TakenName): Identity => {
    const table = of(tableOf(column))
    if (table.kind !== 'from before') return table
    const name = { ...column, schema: table.name.schema, table: table.name.name }
    return entries.get(keyOfName(name))?.identity ?? { kind: 'from before', name }
  }
  // A column is known by its table's first name.
  const entryName = (name: TakenName): TakenName | undefined => {
    if (name.kind !== 'column') return name
    const table = of(tableOf(name))
    return table.kind === 'from before'
      ? { ...name, schema: table.name.schema, table: table.name.name }
      : undefined
  }
  const set: SetIdentity = (name, identity) => {
    const current = entryName(name)
    if (current !== undefined) entries.set(keyOfName(current), { current, identity })
  }
  return {
    of,
    follow: (effect) => {
      const { object } = effect
      switch (effect.kind) {
        case 'create':
          if (of(object).kind === 'gone') set(object, { kind: 'made' })
          break
        case 'rename': {
          const identity = of(object)
          if (object.kind === 'schema') moveSchema(entries, set, object.name, effect.to.name)
          set(effect.to, identity)
          set(object, { kind: 'gone' })
          break
        }
        case 'drop':
          set(object, { kind: 'gone' })
          break
        case 'alter':
      }
    },
    movedInto: (schema) => movedInto(entries, schema),
    locator: () => locateIn(new Map(entries)),
  }
}

type SetIdentity = (name: TakenName, identity: Identity) => void

// Columns are known by their table's first name, and stay so.
const moveSchema = (
  entries: Map<string, Entry>,
  set: SetIdentity,
  from: string,
  to: string,
): void => {
  for (const [key, { current, identity }] of [...entries])
    if (current.schema === from && current.kind !== 'column') {
      entries.delete(key)
      set({ ...current, schema: to }, identity)
    }
}

const movedInto = (entries: ReadonlyMap<string, Entry>, schema: string): readonly TakenName[] =>
  [...entries.values()].flatMap(({ current, identity }) =>
    current.schema === schema &&
    identity.kind === 'from before' &&
    keyOfName(identity.name) !== keyOfName(current)
      ? [identity.name]
      : [],
  )

const locateIn =
  (entries: ReadonlyMap<string, Entry>): Locate =>
  (before) => {
    const key = keyOfName(before)
    const moved = [...entries.values()].find(
      ({ identity }) => identity.kind === 'from before' && keyOfName(identity.name) === key,
    )
    if (moved !== undefined) return { now: moved.current }
    const isGone = (name: TakenName): boolean =>
      entries.get(keyOfName(name))?.identity.kind === 'gone'
    return isGone(before) || (before.kind === 'column' && isTableGone(entries, before))
      ? 'gone'
      : 'as before'
  }

const isTableGone = (entries: ReadonlyMap<string, Entry>, column: TakenName): boolean =>
  locateIn(entries)(tableOf(column)) === 'gone'

const schemaNamed = (name: string): TakenName => ({ kind: 'schema', schema: '', table: '', name })

const tableOf = ({ schema, table }: TakenName): TakenName => ({
  ...{ kind: 'table', schema, table: '', name: table },
})
