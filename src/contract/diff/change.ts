// One change from a contract to the next, and how such changes are found by name.

import { ownMember } from '../contract.ts'
import type { ContractObject } from '../violation.ts'

export type Change = {
  readonly effect: 'breaks' | 'compatible'
  readonly object: ContractObject
  /** What changes, in words: 'is removed', 'becomes bigint (was integer)'. */
  readonly what: string
  /** What that means for the service that runs the old one. */
  readonly means: string
}

export type Named<Value> = Readonly<Record<string, Value>> | undefined

export type Pair<Value> = {
  readonly name: string
  readonly old: Value | undefined
  readonly next: Value | undefined
}

export const pairs = <Value>(before: Named<Value>, after: Named<Value>): readonly Pair<Value>[] =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].map((name) => ({
    name,
    old: ownMember(before, name),
    next: ownMember(after, name),
  }))

export const standalone = (kind: ContractObject['kind'], name: string): ContractObject => ({
  kind,
  of: undefined,
  name,
})

export const breaks = (object: ContractObject, what: string, means: string): Change => ({
  effect: 'breaks',
  ...{ object, what, means },
})

export const compatible = (object: ContractObject, what: string, means: string): Change => ({
  effect: 'compatible',
  ...{ object, what, means },
})
