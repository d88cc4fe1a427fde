// Every problem that schemagate can report, by code. A code that nothing reports fails a test.

import { backfillProblems } from './backfill-problems.ts'
import { configProblems } from './config-problems.ts'
import { contractProblems } from './contract-problems.ts'
import { databaseProblems } from './database-problems.ts'
import { dialectProblems } from './dialect-problems.ts'
import { fileProblems } from './file-problems.ts'
import { lintProblems } from './lint-problems.ts'
import { runProblems } from './run-problems.ts'
import { serverStateProblems } from './server-state-problems.ts'
import { stateProblems } from './state-problems.ts'
import { statementProblems } from './statement-problems.ts'

export const registry = {
  ...configProblems,
  ...fileProblems,
  ...dialectProblems,
  ...lintProblems,
  ...databaseProblems,
  ...runProblems,
  ...stateProblems,
  ...statementProblems,
  ...serverStateProblems,
  ...contractProblems,
  ...backfillProblems,
} as const
