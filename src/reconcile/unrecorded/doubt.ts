// What one migration alone says of how far the database is, and what is done where nothing says it.

import type { Doubt } from '../../errors/run/state-problems.ts'
import type { Intent, MigrationAssessment } from '../assessment.ts'

// Extensions and schemas are made for others by whoever sets a server up.
export const isAnchor = ({ state, items, fingerprintResults }: MigrationAssessment): boolean =>
  state === 'present' &&
  (fingerprintResults.length > 0 ||
    items.some(({ object: { kind } }) => kind !== 'extension' && kind !== 'schema'))

/** Is there anything of it that the database cannot have had before it? */
export const isSure = ({ items, fingerprintResults }: MigrationAssessment): boolean =>
  fingerprintResults.length > 0 || items.some(({ recurs }) => !recurs)

export const isHalf = ({ state, action }: MigrationAssessment): boolean =>
  state === 'partial' && action === 'run'

/** What will run. Where it precedes what is there, that was not brought there in its order. */
export const isGap = (each: MigrationAssessment): boolean => each.state === 'absent' || isHalf(each)

/** Could a second run do harm, with nothing that shows whether there was a first? */
export const isRiskyToRerun = ({ rerunRisks, fingerprintResults }: MigrationAssessment): boolean =>
  rerunRisks.length > 0 && fingerprintResults.length === 0

/** What it makes is there; of its data changes only the author could have said what tells. */
export const hasUnprovenData = ({ migration, state, data }: MigrationAssessment): boolean =>
  state === 'present' && data.length > 0 && migration.directives.fingerprints === undefined

export const doubted = (
  each: MigrationAssessment,
  doubt: Doubt,
  intent: Intent,
): MigrationAssessment => {
  if (intent === 'run') return { ...each, doubt, action: 'refuse' }
  return { ...each, doubt, action: doubt === 'last or next' ? 'run' : 'mark' }
}
