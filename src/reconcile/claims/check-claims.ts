// Claim × the tool's checksum × catalog: does the database have what another tool's ledger says has run? What all claimed files
// together lead to must be there by definition; what a later file explains, because it ran by other means, does not disagree. Pure.

import { objectKey } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'
import type { Change } from '../../schema/history/model/timeline.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Claim } from '../../tool-ledger/tool-ledger.ts'
import type { EvidenceItem, FingerprintResult, MigrationAssessment } from '../assessment.ts'
import type { Evidence } from '../evidence.ts'
import { changesLeft } from '../verdict.ts'

/** `trusted`: recorded whatever the database has. */
export type ClaimTrust = 'checked' | 'trusted'

export type ClaimedFile = { readonly migration: Migration; readonly claim: Claim }

export type ClaimsRequest = {
  readonly history: History
  readonly evidence: readonly Evidence[]
  readonly fingerprintResults: readonly FingerprintResult[]
  /** What is claimed to have been applied, in the order of the files. */
  readonly claimed: readonly ClaimedFile[]
  /** 'Flyway', and its table. */
  readonly tool: string
  readonly table: string
  readonly trust: ClaimTrust
  /** Is this checksum, which the tool has recorded, that of the file? */
  readonly isSum: (recorded: string, migration: Migration) => boolean
}

export const checkClaims = ({
  history,
  evidence,
  fingerprintResults,
  claimed,
  tool,
  table,
  trust,
  isSum,
}: ClaimsRequest): readonly MigrationAssessment[] => {
  const claims = new Map(claimed.map((each) => [each.migration.version, each]))
  const places = new Set(
    history.migrations.flatMap(({ migration }, at) => (claims.has(migration.version) ? [at] : [])),
  )
  const changed = new Set(
    history.migrations.flatMap(({ migration }, at) =>
      migration.runs !== undefined && !claims.has(migration.version) ? [at] : [],
    ),
  )
  const items = itemsByPlace(evidence, places, changed)
  return history.migrations.flatMap(({ migration, statements = [] }, at) => {
    const found = claims.get(migration.version)
    if (found === undefined) return []
    const own = fingerprintResults.filter(
      ({ fingerprint }) => migration.directives.fingerprints?.includes(fingerprint) ?? false,
    )
    const { checksum } = found.claim
    const sumSeen =
      checksum === undefined ? 'none' : isSum(checksum, migration) ? 'equal' : 'different'
    const seen = evaluateClaim(sumSeen, items.get(at) ?? [], own)
    const isRefused = trust === 'checked' && seen.verdict !== 'agreed'
    return [
      {
        ...{ migration, outOfOrder: false, state: seen.state, items: items.get(at) ?? [] },
        action: isRefused ? 'refuse' : 'mark',
        fingerprintResults: own,
        ...{ inferredFrom: undefined, doubt: undefined, data: [], rerunRisks: [], renamed: [] },
        opaqueReasons: statements.flatMap((statement) => statement.opaqueReason ?? []),
        claim: {
          ...{ tool, table, verdict: seen.verdict, recordedChecksum: found.claim.checksum },
          words: `${migration.source?.dialect ?? tool} ${found.claim.version} (${trust === 'trusted' && seen.verdict !== 'agreed' ? `trusted, although ${seen.words}` : seen.words})`,
        },
      },
    ]
  })
}

type Evaluated = Pick<MigrationAssessment, 'state'> & {
  readonly verdict: 'agreed' | 'disagreed' | 'edited'
  /** 'checksum equal, 14 objects compared' */
  readonly words: string
}

const evaluateClaim = (
  sum: 'none' | 'equal' | 'different',
  items: readonly EvidenceItem[],
  fingerprints: readonly FingerprintResult[],
): Evaluated => {
  const compared = objectsIn(items) + fingerprints.length
  const wrong =
    objectsIn(items.filter(({ verdict }) => verdict !== 'done')) +
    fingerprints.filter(({ value }) => !value).length
  const said = wrong > 0 ? `${wrong} of ${counted(compared)} differ` : comparedWords(compared)
  return {
    state: stateOf(items, compared, wrong),
    verdict: sum === 'different' ? 'edited' : wrong > 0 ? 'disagreed' : 'agreed',
    words: sum === 'none' ? said : `checksum ${sum}, ${said}`,
  }
}

const objectsIn = (items: readonly EvidenceItem[]): number =>
  new Set(items.map(({ object }) => objectKey(object))).size

const counted = (count: number): string => `${count} object${count === 1 ? '' : 's'}`

const comparedWords = (compared: number): string =>
  compared === 0 ? 'nothing of it to compare' : `${counted(compared)} compared`

const stateOf = (
  items: readonly EvidenceItem[],
  compared: number,
  wrong: number,
): MigrationAssessment['state'] => {
  if (compared === 0) return 'inferred'
  if (wrong === 0) return 'present'
  if (items.some(({ verdict }) => verdict === 'conflict')) return 'conflict'
  return wrong === compared ? 'absent' : 'partial'
}

/**
 * Of each timeline, what the last of the claimed files that touched it left behind; unless it may have been left by an earlier text
 * of a file that runs when it is `changed`.
 */
const itemsByPlace = (
  evidence: readonly Evidence[],
  claimed: ReadonlySet<number>,
  changed: ReadonlySet<number>,
): ReadonlyMap<number, readonly EvidenceItem[]> => {
  const found = new Map<number, EvidenceItem[]>()
  for (const each of evidence) {
    const left = changesLeft(each.timeline.changes)
    const last = left.findLast(({ at }) => claimed.has(at))
    if (last === undefined || last.value.kind === 'unknown') continue
    const isThere = fits(each, last)
    if (!isThere && left.some(({ at }) => changed.has(at))) continue
    if (!isThere && left.some((later) => isExplained(each, later, last))) continue
    const items = found.get(last.at) ?? []
    items.push(itemOf(each, last, isThere))
    found.set(last.at, items)
  }
  return found
}

// A file that is not claimed has left it as it is, or may have: it is judged by itself.
const isExplained = (evidence: Evidence, later: Change, last: Change): boolean =>
  later.at > last.at && (later.value.kind === 'unknown' || fits(evidence, later))

const fits = ({ timeline, found, matches }: Evidence, change: Change): boolean => {
  switch (change.value.kind) {
    case 'absent':
      return found === undefined
    case 'present':
      return found !== undefined
    case 'defined':
      return matches[timeline.changes.indexOf(change)] === true
    case 'unknown':
      return false
  }
}

const itemOf = (
  { timeline, found, expected }: Evidence,
  change: Change,
  isThere: boolean,
): EvidenceItem => ({
  ...{ object: timeline.object, property: timeline.property, change, found },
  verdict: isThere
    ? 'done'
    : found === undefined || change.value.kind === 'absent'
      ? 'not done'
      : 'conflict',
  recurs: false,
  expected:
    change.value.kind === 'absent'
      ? undefined
      : (expected[timeline.changes.indexOf(change)] ?? 'something of that name'),
  rerun: 'fails',
})
