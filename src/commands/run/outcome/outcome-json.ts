// An outcome as JSON, for --json and REPORT_FILE. Names are in snake case, like the ledger's columns.

import packageJson from '../../../../package.json' with { type: 'json' }
import type { Outcome } from './outcome.ts'
import type { ObjectChange } from '../../../events/objects.ts'
import { tableDriftJson } from '../../../report/formats/table-drift.ts'
import { failureFields } from '../../../report/formats/failure-fields.ts'
import { problemJson } from '../../../report/formats/problem-json.ts'
import { violationFailure, violationJson } from '../../validate/report/violations-json.ts'

export const outcomeJson = (outcome: Outcome): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  run_id: outcome.runId,
  outcome: outcome.kind.replaceAll(' ', '_'),
  exit_code: outcome.exitCode,
  database: outcome.database,
  duration_ms: outcome.durationMs,
  because: outcome.because,
  recorded: outcome.recorded,
  reconciled: outcome.reconciled.map(({ migration: { version, file }, recognisedBy }) => ({
    version,
    file,
    recognised_by: recognisedBy,
  })),
  applied: outcome.applied.map(({ migration: { version, file }, durationMs }) => ({
    version,
    file,
    duration_ms: durationMs,
  })),
  objects: outcome.objects.length === 0 ? undefined : outcome.objects.map(objectJson),
  drift: outcome.drift.length === 0 ? undefined : outcome.drift.map(tableDriftJson),
  stopped_at: outcome.stoppedAt?.file,
  partly_done: outcome.partlyDone.map(({ migration: { version, file }, done, of }) => ({
    version,
    file,
    statements_done: done,
    statements_total: of,
  })),
  in_doubt: outcome.inDoubt.map(({ file }) => file),
  not_attempted: outcome.notAttempted.map(({ file }) => file),
  unknown_versions: outcome.unknown,
  contracts: outcome.contractCheck?.services,
  violations: outcome.contractCheck?.violations.map(violationJson),
  problems: outcome.problems.map(problemJson),
})

const objectJson = ({
  change,
  object,
  file,
  byHand,
  unrecorded,
  obstacle,
}: ObjectChange): unknown => ({
  change: change.replaceAll(' ', '_'),
  object,
  file,
  changed_by_hand:
    byHand === undefined
      ? undefined
      : byHand.what === 'dropped'
        ? { what: 'dropped' }
        : { what: 'changed', recorded: byHand.recorded, found: byHand.found },
  found_unrecorded: unrecorded,
  obstacle,
})

/** Of the last line of the log: what an alert needs without the report. */
export const outcomeFields = (outcome: Outcome): Readonly<Record<string, unknown>> => {
  const [violation] = outcome.contractCheck?.violations ?? []
  const first = outcome.problems[0] ?? (violation && violationFailure(violation))
  return {
    outcome: outcome.kind.replaceAll(' ', '_'),
    ...failureFields(first, outcome),
  }
}
