import type { Finding } from '../../../../src/lint/finding.ts'
import type { PlanParts } from '../../../../src/commands/plan/make-plan.ts'
import type { History } from '../../../../src/schema/history/history.ts'

/** Each file is one migration. */
export const findingsByVersion = (
  { migrations }: History,
  findings: readonly Finding[],
): PlanParts['findings'] =>
  new Map(
    migrations.map(({ migration: { version, file } }) => [
      version,
      findings.filter((finding) => finding.file === file),
    ]),
  )
