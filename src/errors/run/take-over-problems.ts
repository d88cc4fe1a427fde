// What can be wrong between another tool's ledger, the files and the database, when the gate takes that ledger over.

import { define, shortList, untouched } from '../define.ts'
import { sideBySide, subjects, type Difference } from './state-problems.ts'

const trusting = (table: string): string =>
  `'schemagate adopt --trust-ledger' records what ${table} says, whatever the database has`

export const takeOverProblems = {
  'claim-disagrees': define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      tool: string
      table: string
      present: readonly string[]
      differences: readonly Difference[]
    }) =>
      `${facts.table} says that ${facts.tool} has applied ${facts.file}, and the database does not have all that it leads to: ${subjects(facts.differences)}`,
    detail: ({ present, differences }) => [
      ...sideBySide(differences),
      ...(present.length === 0 ? [] : [`there: ${shortList(present)}`]),
    ],
    database: untouched,
    fix: ({ table }) =>
      `If the database is wrong: make what is missing by hand, and run again. If it is right, because somebody has changed it on purpose: ${trusting(table)}; the next run goes on from there.`,
  }),
  'claim-edited': define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      tool: string
      table: string
      recordedChecksum: string
      foundChecksum: string
    }) => `${facts.file} was edited after ${facts.tool} had applied it`,
    detail: ({ table, recordedChecksum, foundChecksum }) => [
      `in ${table}: ${recordedChecksum}`,
      `of the file: ${foundChecksum}`,
    ],
    database: untouched,
    fix: ({ table }) =>
      `Restore the file as it was applied, and put the change into a new migration. If the file is right as it is now, a comment or its layout was changed: ${trusting(table)}.`,
  }),
  'tool-at-work': define({
    category: 'try again',
    title: (facts: { tool: string; table: string; waitedSeconds: number | undefined }) =>
      `${facts.tool} is at work on this database: it holds its lock, or writes to ${facts.table}`,
    detail: ({ waitedSeconds }) =>
      waitedSeconds === undefined ? [] : [`waited for ${waitedSeconds} s`],
    database: untouched,
    fix: ({ tool }) =>
      `Wait until ${tool} has ended, or stop it: only one of the two is to run from now on. Then run again.`,
  }),
  'tool-ledger-changed': define({
    category: 'refused',
    title: (facts: { table: string }) =>
      `${facts.table} has become something else while it was being read`,
    database: untouched,
    fix: ({ table }) =>
      `Find out who changes ${table}: it has to be an ordinary table without row level security. Then run again.`,
  }),
} as const
