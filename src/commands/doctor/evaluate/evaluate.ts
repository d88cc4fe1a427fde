// Everything that is known, evaluated: one list of findings, in the order in which a run would meet what they are about.

import type { Examination } from '../facts/examination.ts'
import type { Finding } from '../finding.ts'
import * as connection from './evaluate-connection.ts'
import { evaluateFiles, evaluateLedger, evaluateMigrations } from './evaluate-files.ts'
import {
  evaluateLedgerRights,
  evaluateOwnership,
  evaluateRole,
  evaluateSchemaRights,
} from './evaluate-rights.ts'
import {
  evaluateHidden,
  evaluateLock,
  evaluatePrepared,
  evaluateTransactions,
} from './evaluate-sessions.ts'
import { evaluateIndexes, evaluateTimeouts } from './evaluate-settings.ts'

type Evaluate = (examination: Examination) => Finding | readonly Finding[]

const evaluators: readonly Evaluate[] = [
  connection.evaluateGate,
  evaluateFiles,
  connection.evaluateEndpoint,
  connection.evaluateServer,
  connection.evaluatePooler,
  connection.evaluateSecond,
  connection.evaluateTls,
  connection.evaluateClientCheck,
  evaluateLedger,
  evaluateMigrations,
  connection.evaluateWrites,
  connection.evaluateReplication,
  evaluateRole,
  evaluateLedgerRights,
  evaluateSchemaRights,
  evaluateOwnership,
  evaluateLock,
  evaluateTransactions,
  evaluatePrepared,
  evaluateHidden,
  evaluateIndexes,
  evaluateTimeouts,
]

export const evaluate = (examination: Examination): readonly Finding[] =>
  evaluators.flatMap((each) => each(examination))
