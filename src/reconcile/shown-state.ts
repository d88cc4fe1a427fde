// From the pieces of one migration to the state that they show it in.

import type { Piece, Reconciled } from './reconciled.ts'

export const makes = ({ change: { how } }: Pick<Piece, 'change'>): boolean =>
  how !== 'alter' && how !== 'replace'

// Extensions and schemas are made for others by whoever sets a server up: that they are there tells nothing of a file that
// would have passed over them.
export const tellingOf = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.filter((each) => !mayBeGiven(each))

const mayBeGiven = ({ object: { kind }, verdict, change: { guard } }: Piece): boolean =>
  (kind === 'extension' || kind === 'schema') && verdict === 'done' && guard === 'if not exists'

type Shown = Pick<Reconciled, 'pieces' | 'answers' | 'unseen'>

type State = 'present' | 'absent' | 'partial' | 'conflict' | 'opaque'

export const shownState = ({ pieces: all, answers, unseen }: Shown): State => {
  const pieces = tellingOf(all)
  if (pieces.some(({ verdict }) => verdict === 'conflict')) return 'conflict'
  const verdicts = [
    ...pieces.map(({ verdict, change }) => ({
      done: verdict === 'done',
      makes: makes({ change }),
    })),
    ...answers.map(({ value }) => ({ done: value, makes: true })),
  ]
  // It does nothing besides, so whether it has run makes no difference.
  if (verdicts.length === 0) return all.length > 0 && unseen.length === 0 ? 'present' : 'opaque'
  if (verdicts.every(({ done }) => done)) return 'present'
  // A value that happens to be set already is no sign of a migration that makes things, when none of them is there.
  const making = verdicts.filter(({ makes }) => makes)
  const telling = making.length > 0 ? making : verdicts
  return telling.every(({ done }) => !done) ? 'absent' : 'partial'
}
