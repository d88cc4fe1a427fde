// A plan as JSON. Names are in snake case, like the ledger's columns.

import packageJson from '../../../package.json' with { type: 'json' }
import { describeObject } from '../../schema/effects/effect.ts'
import type { Plan, PlannedMigration } from './make-plan.ts'
import { recognisedBy } from '../../reconcile/reason.ts'
import { tableDriftJson } from '../../report/formats/table-drift.ts'
import { problemJson } from '../../report/formats/problem-json.ts'

export const planJson = ({
  intent,
  migrations,
  known,
  refusals,
  objects = [],
  drift = [],
  dialect,
}: Plan): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  exit_code: refusals.length > 0 ? 4 : 0,
  command: intent,
  recorded: known.recorded,
  unknown_versions: known.unknown,
  dialect:
    dialect === undefined
      ? undefined
      : { name: dialect.name, because: dialect.because, down_parts: dialect.downParts },
  migrations: migrations.map(migrationJson),
  objects: objects.length === 0 ? undefined : objects,
  drift: drift.length === 0 ? undefined : drift.map(tableDriftJson),
  problems: refusals.map(problemJson),
})

const migrationJson = ({
  reconciled,
  reason,
  statementModeReason,
  statements,
  hazards,
  losses,
  meets,
}: PlannedMigration): unknown => {
  const { migration, action, state, outOfOrder, inferredFrom, opaqueReasons, replaced } = reconciled
  return {
    version: migration.version,
    file: migration.file,
    action,
    state,
    reason,
    out_of_order: outOfOrder,
    meets: meets.map(({ after, object, line }) => ({ file: after, object, line })),
    statement_by_statement: statementModeReason,
    recognised_by: action === 'mark' ? recognisedBy(reconciled) : undefined,
    inferred_from: inferredFrom?.version,
    replaces: replaced,
    evidence: evidenceJson(reconciled),
    unseen: opaqueReasons,
    statements: statements.map(({ line, text, locks }) => ({
      line,
      text,
      locks: locks.map(({ table, level, size }) => ({
        table,
        level,
        bytes: size?.bytes,
        rows: size?.rows,
      })),
    })),
    losses: losses.map(({ what, line, size, verdict, because, rule }) => ({
      ...{ what, line, verdict, because, rule },
      bytes: size?.bytes,
      rows: size?.rows,
    })),
    hazards: hazards.map(({ rule, level, place, message, effect, cure }) => ({
      rule,
      level,
      line: place.line,
      column: place.column,
      message,
      effect,
      cure,
    })),
  }
}

const evidenceJson = ({
  items,
  fingerprintResults,
}: PlannedMigration['reconciled']): readonly unknown[] => [
  ...items.map(({ object, property, verdict, expected, found }) => ({
    object: describeObject(object),
    facet: property,
    verdict: verdict.replace(' ', '_'),
    expected,
    found,
  })),
  ...fingerprintResults.map(({ fingerprint, value }) => ({
    object: fingerprint.text,
    expected: true,
    found: value,
  })),
]
