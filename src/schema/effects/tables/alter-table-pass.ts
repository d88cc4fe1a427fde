// The server works through ALTER TABLE in passes, whatever the order in the text (AlterTablePass in tablecmds.c).

import type { Effect } from '../effect.ts'

/** Undefined where a subcommand, or a part of it, cannot be seen into. */
export type Read = readonly (Effect | undefined)[] | undefined

const passes = { drop: 0, type: 1, column: 2, attribute: 3, index: 4, other: 5, rest: 6 } as const

type Pass = keyof typeof passes

export type Step = { readonly pass: number; readonly effects: () => Read }

export const step = (pass: Pass, effects: Step['effects']): Step => ({
  pass: passes[pass],
  effects,
})

const passOfSubcommand: Readonly<Record<string, Pass>> = {
  AT_DropColumn: 'drop',
  AT_DropConstraint: 'drop',
  AT_DropNotNull: 'drop',
  AT_DropIdentity: 'drop',
  AT_DropExpression: 'drop',
  AT_AlterColumnType: 'type',
  AT_SetNotNull: 'attribute',
  AT_AddIdentity: 'other',
}

/** Of a subcommand that is neither ADD nor DEFAULT. */
export const passOf = (subtype: string | undefined): Pass =>
  passOfSubcommand[subtype ?? ''] ?? 'rest'
