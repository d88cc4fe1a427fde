// Which rule `@allow` names for a loss: lint finds it offline, and a run refuses it where the database has what would be lost.

import type { Take, TakenKind } from '../schema/effects/rows/taken-name.ts'
import type { ReadStatement } from '../schema/history/history.ts'

export type LossRule =
  | 'drop-table'
  | 'drop-column'
  | 'drop-cascade'
  | 'truncate'
  | 'delete-without-key'
  | 'column-type-change'
  | 'detach-partition'

const bySelf: readonly TakenKind[] = ['table', 'view', 'materialized view', 'sequence', 'column']

/** `named`: the statement says its name; `along`: it goes with what the statement names. */
export const lossRule = ({ how, candidates }: Take, what: 'named' | 'along'): LossRule => {
  switch (how) {
    case 'empty':
      return 'truncate'
    case 'delete':
      return 'delete-without-key'
    case 'retype':
      return 'column-type-change'
    case 'detach':
      return 'detach-partition'
    case 'drop':
      if (what === 'along' || !candidates.every(({ kind }) => bySelf.includes(kind)))
        return 'drop-cascade'
      return candidates.every(({ kind }) => kind === 'column') ? 'drop-column' : 'drop-table'
  }
}

/** What a run may have to be allowed, whatever lint finds. */
export const lossRulesOf = (
  statements: readonly Pick<ReadStatement, 'takes'>[],
): ReadonlySet<string> =>
  new Set(
    statements.flatMap(({ takes }) =>
      takes.flatMap((take) => [
        lossRule(take, 'named'),
        ...(take.cascade ? [lossRule(take, 'along')] : []),
      ]),
    ),
  )
