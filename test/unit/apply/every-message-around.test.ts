// What surrounds the steps of a run: marking what the database has already, and the contracts at its end. For every message and
// everything that can go wrong with it, what is said is true.

import { expect, test } from '@jest/globals'
import { markReconciled } from '../../../src/apply/mark-reconciled.ts'
import { withContractsChecked } from '../../../src/commands/run/check-contracts.ts'
import { goodOutcome, type Outcome } from '../../../src/commands/run/outcome/outcome.ts'
import { startCourse, undoneOf, type Course } from '../../../src/database/ledger/course.ts'
import { problemsOf, type Problem } from '../../../src/errors/problem.ts'
import { readConfiguration } from '../../../src/config/config.ts'
import { aContract } from '../contract/a-contract.ts'
import { aMigration } from '../a-migration.ts'
import { faultsOf, lockedBy, serverOf } from './scripted-run.ts'
import { ledgerSchema, scriptedServer, type Fault, type ScriptedServer } from './scripted-server.ts'

type Struck = { readonly message: number; readonly is: Fault }

const migrations = [aMigration('1_a.sql'), aMigration('2_b.sql')]

const mark = async (
  struck?: Struck,
): Promise<{ server: ScriptedServer; course: Course; problems: readonly Problem[] }> => {
  const server = scriptedServer(struck, new AbortController())
  const course = startCourse('8c9e0b57-0000-4000-8000-000000000000')
  course.pending = migrations
  const fence = { locked: lockedBy(server), ledgerSchema, migrationRole: undefined, lastOrdinal: 0 }
  const records = migrations.map((migration) => ({ migration, recognisedBy: 'table a' }))
  const beside = { before: [], after: [] }
  const marking = markReconciled({ records, fence, course, waitMs: 1_000, beside })
  const problems = await marking.then(() => [], problemsOf)
  return { server, course, problems }
}

test('whatever goes wrong while migrations are marked, the ledger has what is said to be reconciled', async () => {
  const whole = await mark()
  expect(whole.problems).toEqual([])
  expect([...whole.server.ledger.keys()]).toEqual(['1', '2'])
  const lies: string[] = []
  for (const { message, is, shown } of faultsOf(whole.server.sent)) {
    const { server, course, problems } = await mark({ message, is })
    const { inDoubt, notAttempted } = undoneOf(course)
    const isLost = is.kind.startsWith('lost')
    if (course.reconciled.length > server.ledger.size) lies.push(`${shown}: said too early`)
    if (server.ledger.size > course.reconciled.length + inDoubt.length)
      lies.push(`${shown}: denied`)
    if (inDoubt.length > 0 !== isLost) lies.push(`${shown}: ${inDoubt.length} in doubt`)
    if (isLost && notAttempted.length > 0) lies.push(`${shown}: not attempted`)
    if (problems.length === 0 && course.reconciled.length < 2) lies.push(`${shown}: no problem`)
    if (problems.some(({ code }) => code === 'bug')) lies.push(`${shown}: a bug`)
    if (server.isInFailedTransaction()) lies.push(`${shown}: left in a failed transaction`)
  }
  expect(lies).toEqual([])
})

const { config } = readConfiguration(
  {},
  { DATABASE_URL: 'postgres://u@localhost/d' },
  'no terminal',
)
if (config === undefined) throw new Error('no configuration')

const checkContracts = async (
  struck?: Struck,
): Promise<{ server: ScriptedServer; outcome: Outcome }> => {
  const interrupt = new AbortController()
  const server = scriptedServer(struck, interrupt)
  const course = startCourse('8c9e0b57-0000-4000-8000-000000000000')
  course.applied.push(...migrations.map((migration) => ({ migration, durationMs: 1 })))
  const { work } = server
  const outcome = await withContractsChecked(goodOutcome('applied', course), {
    config,
    context: {
      announce: () => undefined,
      interruption: interrupt.signal,
      onBug: (error) => {
        throw error
      },
    },
    database: {
      session: work,
      connection: work,
      monitor: lockedBy(server).monitor,
      server: serverOf('DIRECT'),
      first: { ledger: { kind: 'matches files' }, facts: { kind: 'blocked', message: '' } },
    },
    migrations,
    contracts: [aContract({ extensions: ['plpgsql'] })],
    state: undefined,
  })
  return { server, outcome }
}

test('whatever goes wrong while the contracts are checked, what was applied is told, and services do not start', async () => {
  const whole = await checkContracts()
  expect(whole.outcome).toMatchObject({ kind: 'applied', exitCode: 0 })
  const faults = faultsOf(whole.server.sent)
  expect(faults.length).toBeGreaterThan(10)
  for (const { message, is, shown } of faults) {
    const { outcome } = await checkContracts({ message, is })
    expect([shown, outcome.applied.map(({ migration }) => migration.file)]).toEqual([
      shown,
      ['migrations/1_a.sql', 'migrations/2_b.sql'],
    ])
    const isAnswered = is.kind === 'signal'
    expect([shown, outcome.kind]).toEqual([shown, isAnswered ? 'applied' : 'failed'])
    expect([shown, outcome.problems.map(({ code }) => code)]).not.toContainEqual(['bug'])
    if (is.kind === 'cancelled') expect(outcome.problems[0]?.code).toBe('interrupted')
  }
})
