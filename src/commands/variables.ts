// Which variables commands that only read take as flags.

import type { VariableName } from '../config/variables/variables.ts'

export const forOffline: readonly VariableName[] = [
  'MIGRATIONS_DIR',
  'MIGRATIONS_DIALECT',
  'LOG_FORMAT',
  'LOG_LEVEL',
]

export const forReading: readonly VariableName[] = [
  'DATABASE_URL',
  'DATABASE_URL_DIRECT',
  'DATABASE_URL_POOLER',
  'DATABASE_WAIT_SECONDS',
  'MIGRATIONS_DIR',
  'MIGRATIONS_DIALECT',
  'LEDGER_SCHEMA',
  'LOG_FORMAT',
  'LOG_LEVEL',
]
