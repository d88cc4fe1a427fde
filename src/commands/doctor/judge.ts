// Everything that is known, judged: one list of findings, in the order in which a run would meet what they are about.

import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'
import * as connection from './judge-connection.ts'
import { judgeFiles, judgeLedger, judgeMigrations } from './judge-files.ts'
import { judgeLedgerRights, judgeOwnership, judgeRole, judgeSchemaRights } from './judge-rights.ts'
import { judgeHidden, judgeLock, judgePrepared, judgeTransactions } from './judge-sessions.ts'
import { judgeIndexes, judgeTimeouts } from './judge-settings.ts'

type Judge = (examination: Examination) => Finding | readonly Finding[]

const judges: readonly Judge[] = [
  connection.judgeGate,
  judgeFiles,
  connection.judgeEndpoint,
  connection.judgeServer,
  connection.judgePooler,
  connection.judgeSecond,
  connection.judgeTls,
  connection.judgeClientCheck,
  judgeLedger,
  judgeMigrations,
  connection.judgeWrites,
  connection.judgeReplication,
  judgeRole,
  judgeLedgerRights,
  judgeSchemaRights,
  judgeOwnership,
  judgeLock,
  judgeTransactions,
  judgePrepared,
  judgeHidden,
  judgeIndexes,
  judgeTimeouts,
]

export const judge = (examination: Examination): readonly Finding[] =>
  judges.flatMap((each) => each(examination))
