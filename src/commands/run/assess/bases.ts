// A base file of which the ledger has all that it replaces: it is recorded, and does not run.

import type { LedgerRow } from '../../../database/ledger/ledger-row.ts'
import type { MigrationAssessment } from '../../../reconcile/assessment.ts'
import type { StateOf } from '../../../reconcile/states/plan.ts'

type Bases = {
  /** Those that run, or are recognised. */
  readonly pending: readonly StateOf<'pending'>[]
  /** To the rest of the files such a base is recorded, too. No file comes before it. */
  readonly bases: {
    readonly rows: readonly LedgerRow[]
    readonly assessments: readonly MigrationAssessment[]
  }
}

export const withoutBases = (pending: readonly StateOf<'pending'>[]): Bases => {
  const bases = pending.filter(({ replacing }) => replacing !== undefined)
  return {
    pending: pending.filter(({ replacing }) => replacing === undefined),
    bases: { rows: bases.map(rowOfBase), assessments: bases.map(assessedBase) },
  }
}

// As the ledger will have it, before all others: what it makes was there before them.
const rowOfBase = ({ migration: { version, name, checksum } }: StateOf<'pending'>): LedgerRow => ({
  ...{ version, name, checksum, state: 'reconciled', ordinal: 0 },
  ...{ finishedAt: undefined, appliedBy: '' },
})

const assessedBase = ({ migration, replacing = [] }: StateOf<'pending'>): MigrationAssessment => ({
  ...{ migration, outOfOrder: false, state: 'present', action: 'mark' },
  ...{ items: [], fingerprintResults: [], opaqueReasons: [], data: [], rerunRisks: [] },
  ...{ inferredFrom: undefined, doubt: undefined, renamed: [] },
  replaced: replacing.map(({ version }) => version),
})
