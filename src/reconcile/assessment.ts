// What becomes of a migration that is not recorded, and what showed it. Values.

import type { Property, ObjectName } from '../schema/effects/effect.ts'
import type { Doubt } from '../errors/run/state-problems.ts'
import type { Change } from '../schema/history/model/timeline.ts'
import type { Fingerprint } from '../migrations/fingerprint.ts'
import type { Migration, MigrationVersion } from '../migrations/migration.ts'
import type { Renamed } from './renamed/renamed-object.ts'
import type { DataChange, RerunRisk } from './repeat.ts'
import type { VersionRange, Verdict } from './verdict.ts'

/** One thing that a migration makes or changes, and whether the database has it. */
export type EvidenceItem = {
  readonly object: ObjectName
  readonly property: Property
  readonly verdict: Exclude<Verdict, 'none'>
  /** It is there, but looked like that before the file as well. */
  readonly recurs: boolean
  readonly change: Change
  /** In the server's words. */
  readonly expected: string | undefined
  readonly found: string | undefined
  /** May the statement that makes it run again, as the database is now? */
  readonly rerun: 'safe' | 'fails' | 'without effect'
}

export type FingerprintResult = { readonly fingerprint: Fingerprint; readonly value: boolean }

export type MigrationAssessment = {
  readonly migration: Migration
  readonly outOfOrder: boolean
  readonly state:
    'present' | 'inferred' | 'absent' | 'partial' | 'conflict' | 'opaque' | 'interrupted'
  readonly action: 'mark' | 'run' | 'refuse'
  readonly items: readonly EvidenceItem[]
  readonly fingerprintResults: readonly FingerprintResult[]
  /** Of 'inferred': the later migration that is there. */
  readonly inferredFrom: Migration | undefined
  /** What `run` refuses because nothing shows it, and `adopt` settles. */
  readonly doubt: Doubt | undefined
  /** Statements that nothing in the catalog shows: 'INSERT', 'a DO block'. */
  readonly opaqueReasons: readonly string[]
  /** What of it changes data, of which nothing in the catalog tells. */
  readonly data: readonly DataChange[]
  /** What running it would do to data, if it has run before. */
  readonly rerunRisks: readonly RerunRisk[]
  /** What it makes, or has dropped, and somebody seems to have renamed. */
  readonly renamed: readonly Renamed[]
  /** Of one that another tool's ledger has. */
  readonly claim?: CheckedClaim
  /** Of a base file: the versions in the ledger that it replaces. */
  readonly replaced?: readonly MigrationVersion[]
}

export type CheckedClaim = {
  /** 'Flyway', and its table. */
  readonly tool: string
  readonly table: string
  readonly verdict: 'agreed' | 'disagreed' | 'edited'
  /** The tool's checksum of what it ran. */
  readonly recordedChecksum: string | undefined
  /** What our ledger keeps of it: 'flyway 12 (checksum equal, 14 objects compared)'. */
  readonly words: string
}

/** `adopt` only marks what the database has already; nothing of any file runs. */
export type Intent = 'run' | 'adopt'

/** Undefined for what is not pending. */
export type AssessAt = (
  at: number,
  range: VersionRange | undefined,
) => MigrationAssessment | undefined
