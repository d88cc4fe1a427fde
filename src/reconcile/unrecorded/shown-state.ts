// From the evidence of one migration to the state that they show it in.

import type { EvidenceItem, MigrationAssessment } from '../assessment.ts'

export const makes = ({ change: { how } }: Pick<EvidenceItem, 'change'>): boolean =>
  how !== 'alter' && how !== 'replace'

// Extensions and schemas are made for others by whoever sets a server up: that they are there tells nothing of a file that
// would have skipped them.
export const conclusiveItems = (items: readonly EvidenceItem[]): readonly EvidenceItem[] =>
  items.filter((each) => !mayBeGiven(each))

const mayBeGiven = ({ object: { kind }, verdict, change: { guard } }: EvidenceItem): boolean =>
  (kind === 'extension' || kind === 'schema') && verdict === 'done' && guard === 'if not exists'

type Shown = Pick<MigrationAssessment, 'items' | 'fingerprintResults' | 'opaqueReasons'> & {
  /**
   * A value that happens to be set already is not a sign of a migration that makes things, when none of them is there. But where a
   * second run would do harm, it is: somebody may have removed what it made.
   */
  readonly counting: 'what it makes' | 'all'
}

type State = 'present' | 'absent' | 'partial' | 'conflict' | 'opaque'

export const shownState = ({
  items: all,
  fingerprintResults,
  opaqueReasons,
  counting,
}: Shown): State => {
  const items = conclusiveItems(all)
  if (items.some(({ verdict }) => verdict === 'conflict')) return 'conflict'
  const verdicts = [
    ...items.map(({ verdict, change }) => ({
      done: verdict === 'done',
      makes: makes({ change }),
    })),
    ...fingerprintResults.map(({ value }) => ({ done: value, makes: true })),
  ]
  // It does nothing besides, so whether it has run makes no difference.
  if (verdicts.length === 0)
    return all.length > 0 && opaqueReasons.length === 0 ? 'present' : 'opaque'
  if (verdicts.every(({ done }) => done)) return 'present'
  const making = verdicts.filter(({ makes }) => makes)
  const conclusive = making.length > 0 && counting === 'what it makes' ? making : verdicts
  return conclusive.every(({ done }) => !done) ? 'absent' : 'partial'
}
