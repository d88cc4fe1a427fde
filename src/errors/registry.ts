// Every problem that schemagate can report, by code. A code that nothing reports fails a test.

import { baseProblems } from './run/base-problems.ts'
import { backfillProblems } from './run/backfill-problems.ts'
import { configProblems } from './input/config-problems.ts'
import { contractProblems } from './input/contract-problems.ts'
import { databaseProblems } from './server/database-problems.ts'
import { dialectProblems } from './input/dialect-problems.ts'
import { driftProblems } from './run/drift-problems.ts'
import { fileProblems } from './input/file-problems.ts'
import { lintProblems } from './input/lint-problems.ts'
import { objectProblems } from './run/object-problems.ts'
import { runProblems } from './run/run-problems.ts'
import { schemaProblems } from './input/schema-problems.ts'
import { serverStateProblems } from './server/server-state-problems.ts'
import { stateProblems } from './run/state-problems.ts'
import { scratchProblems } from './run/scratch-problems.ts'
import { squashProblems } from './run/squash-problems.ts'
import { statementProblems } from './run/statement-problems.ts'
import { takeOverProblems } from './run/take-over-problems.ts'

export const registry = {
  ...configProblems,
  ...fileProblems,
  ...dialectProblems,
  ...lintProblems,
  ...databaseProblems,
  ...runProblems,
  ...stateProblems,
  ...baseProblems,
  ...takeOverProblems,
  ...driftProblems,
  ...objectProblems,
  ...statementProblems,
  ...serverStateProblems,
  ...contractProblems,
  ...backfillProblems,
  ...schemaProblems,
  ...scratchProblems,
  ...squashProblems,
} as const
