// Why a migration is marked, runs or is refused, in one line: for the plan, the log and the ledger.

import { answered, named } from './refuse.ts'
import type { Migration } from '../migrations/migration.ts'
import type { EvidenceItem, MigrationAssessment } from './assessment.ts'

const mostNamed = 5

const listed = (names: readonly string[]): string =>
  names.length > mostNamed
    ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
    : names.join(', ')

/** What the ledger keeps of a migration that was marked. */
export const recognisedBy = ({
  items,
  fingerprintResults,
  inferredFrom,
  claim,
  replaced,
  migration,
}: MigrationAssessment): string =>
  replaced !== undefined
    ? replacedWords(migration, replaced.length)
    : claim !== undefined
      ? claim.words
      : inferredFrom === undefined
        ? listed([
            ...named(items),
            ...fingerprintResults.map(({ fingerprint }) => fingerprint.text),
          ])
        : `inferred from ${inferredFrom.name}`

const replacedWords = ({ name, directives: { replaces } }: Migration, rows: number): string =>
  `${replaces?.from ?? ''} to ${replaces?.to ?? ''} replaced by ${name} (${rows} row${rows === 1 ? '' : 's'}, checksums equal)`

const doing = (verb: string, items: readonly EvidenceItem[]): readonly string[] =>
  items.length === 0 ? [] : [`${verb} ${listed(named(items))}`]

// The file creates it; otherwise only a property of an existing object changes.
const isMade = ({ property, found }: EvidenceItem): boolean =>
  property === 'existence' || property === 'definition' || found === undefined

const distinct = (names: readonly string[]): string => listed([...new Set(names)])

export const reasonFor = (assessment: MigrationAssessment): string => {
  const { state, items, fingerprintResults, opaqueReasons, action, claim } = assessment
  if (assessment.replaced !== undefined) return recognisedBy(assessment)
  if (claim !== undefined) return `${claim.table} has it: ${claim.words}`
  if (assessment.migration.runs !== undefined)
    return 'it runs whenever it has changed, and is not recorded with this text'
  const done = items.filter(({ verdict }) => verdict === 'done')
  const missing = items.filter(({ verdict }) => verdict === 'not done')
  // What a file removes in the end, and is there.
  const toGo = missing.filter(
    ({ change, found }) => change.value.kind === 'absent' && found !== undefined,
  )
  const lacking = missing.filter((item) => !toGo.includes(item))
  switch (state) {
    case 'present':
      if (action === 'refuse')
        return `the database has ${recognisedBy(assessment)}, which does not show ${distinct(opaqueReasons)}`
      return `the database has ${recognisedBy(assessment)}${opaqueReasons.length === 0 ? '' : `; taken as done with it: ${distinct(opaqueReasons)}`}`
    case 'inferred':
      return `it leaves no evidence, and comes before what the database has: ${recognisedBy(assessment)}`
    case 'absent':
      return missing.length === 0
        ? 'its fingerprint says so'
        : [
            ...doing('adds', lacking.filter(isMade)),
            ...doing(
              'changes',
              lacking.filter((item) => !isMade(item)),
            ),
            ...doing('removes', toGo),
          ].join('; ')
    case 'partial': {
      const there = listed([...named(done), ...answered(fingerprintResults, true)])
      return `there: ${there}; missing: ${listed([...named(missing), ...answered(fingerprintResults, false)])}${action === 'run' ? '; every statement is guarded' : ''}`
    }
    case 'conflict':
      return `another definition: ${listed(named(items.filter(({ verdict }) => verdict === 'conflict')))}`
    case 'interrupted':
      return 'an earlier run of it stopped half-way'
    case 'opaque':
      if (done.length > 0)
        return `the database has ${listed(named(done))}, which does not show ${distinct(opaqueReasons)}`
      return opaqueReasons.length === 0
        ? 'it leaves no evidence'
        : `it leaves no evidence (${distinct(opaqueReasons)})`
  }
}
