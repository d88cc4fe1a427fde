// What the server ran short of, or met in itself, while a file ran. The file is fine: another try is worth it.

import { define, type Definition } from '../define.ts'
import { keptDone, noneLeft, rolledBack, serverLines, type ServerWords } from './server-words.ts'

type Facts = ServerWords & {
  readonly file: string
  /** 'at statement 2 of 3'; empty where that says nothing. */
  readonly phase: string
  /** What was under way. */
  readonly work: keyof typeof fates
}

const fates = {
  transaction: rolledBack,
  statement: keptDone,
  index: noneLeft,
  batch: 'That batch was rolled back; the batches before it are committed and recorded.',
}

const serverState = (what: string, cure: string): Definition<Facts> =>
  define<Facts>({
    category: 'try again',
    title: ({ file, phase }) => `${what} while ${file} ran${phase === '' ? '' : `, ${phase}`}`,
    detail: serverLines,
    database: ({ work }) => fates[work],
    fix: () => `The file is fine. ${cure}`,
  })

export const serverStateProblems = {
  'server-out-of-disk': serverState(
    "the server's disk was full",
    'Free disk space on the server, or give it more, and run again. SELECT pg_size_pretty(sum(size)) FROM pg_ls_waldir(); shows how much is WAL, which a replication slot without a reader keeps for ever (pg_replication_slots).',
  ),
  'server-out-of-memory': serverState(
    'the server ran out of memory',
    'Run again when the server has less to do, or give it more memory. Where the hint names max_locks_per_transaction, raise it and restart the server.',
  ),
  'server-limit': serverState(
    'the server reached a limit of its configuration',
    'Raise the setting that the message names, for the role or the server, or end the sessions that use it up (pg_stat_activity), and run again.',
  ),
  'server-io-error': serverState(
    'the server could not read or write its own files',
    'Look at the log of the server and at its disk before anything else, and run again.',
  ),
} as const
