import { describe, expect, test } from '@jest/globals'
import { startCourse } from '../../../../../src/database/ledger/course.ts'
import { problem } from '../../../../../src/errors/problem.ts'
import { renderOutcome, summary } from '../../../../../src/commands/run/outcome/outcome-text.ts'
import { failedOutcome, type Outcome } from '../../../../../src/commands/run/outcome/outcome.ts'
import { aMigration } from '../../../a-migration.ts'

const empty: Outcome = {
  ...failedOutcome([], startCourse('r')),
  durationMs: 1_234,
}
const migrations = Array.from({ length: 8 }, (_, at) => aMigration(`${at + 9}_m.sql`))
const [first, second] = migrations
const failure = problem('lock-lost', { file: 'migrations/10_m.sql' })

describe('the summary', () => {
  test.each<[Partial<Outcome>, string]>([
    [{ kind: 'disabled', because: 'RUN_MIGRATIONS=0' }, 'MIGRATIONS_DISABLED: RUN_MIGRATIONS=0'],
    [
      { kind: 'up to date', recorded: 7 },
      'Migration completed successfully: up to date, 7 recorded (1.23 s)',
    ],
    [
      { kind: 'done by another process' },
      'Migration completed successfully: another process applied what was pending (1.23 s)',
    ],
    [
      {
        kind: 'applied',
        recorded: 7,
        applied: migrations.map((migration) => ({ migration, durationMs: 1 })),
      },
      'Migration completed successfully: 8 applied, 7 were recorded before (1.23 s)',
    ],
    [
      { kind: 'skipped' },
      'Migrations skipped: another process holds the lock (MIGRATION_ON_LOCK_TIMEOUT=skip); some are still pending (1.23 s)',
    ],
    [
      { kind: 'failed', problems: [failure], exitCode: 75 },
      `MIGRATION FAILED: ${failure.title} (exit code 75)`,
    ],
    [
      { kind: 'failed', problems: [failure, failure, failure], exitCode: 75 },
      `MIGRATION FAILED: ${failure.title} and 2 more (exit code 75)`,
    ],
  ])('of %j is one line', (part, line) => {
    expect(summary({ ...empty, ...part })).toBe(line)
  })
})

describe('the report', () => {
  test('of a run that applied names each file and its time', () => {
    const applied = [migrations[0], migrations[1]].flatMap((migration, at) =>
      migration === undefined ? [] : [{ migration, durationMs: at + 5 }],
    )
    expect(renderOutcome({ ...empty, kind: 'applied', applied })).toBe(
      `applied  migrations/9_m.sql   5 ms
applied  migrations/10_m.sql  6 ms
Migration completed successfully: 2 applied, 0 were recorded before (1.23 s)
`,
    )
  })

  test('of a run that applied more than ten sums them up', () => {
    const applied = Array.from({ length: 11 }, (_, at) => ({
      migration: aMigration(`${at + 1}_m.sql`),
      durationMs: 1,
    }))
    const [line] = renderOutcome({ ...empty, kind: 'applied', applied }).split('\n')
    expect(line).toBe('applied  11 migrations, from migrations/1_m.sql to migrations/11_m.sql')
  })

  test('of a run that stopped says what was applied, where it stopped and what was not attempted', () => {
    if (first === undefined) throw new Error('no migration')
    const text = renderOutcome({
      ...empty,
      kind: 'failed',
      exitCode: 75,
      applied: [{ migration: first, durationMs: 5 }],
      stoppedAt: second,
      notAttempted: migrations.slice(2),
      problems: [failure],
    })
    expect(text.split('\n')).toEqual([
      'applied  migrations/9_m.sql  5 ms',
      'stopped at     migrations/10_m.sql',
      'not attempted  migrations/11_m.sql',
      'not attempted  migrations/12_m.sql',
      'not attempted  migrations/13_m.sql',
      'not attempted  migrations/14_m.sql',
      'not attempted  migrations/15_m.sql',
      'not attempted  … and 1 more',
      expect.stringMatching(/^error\[lock-lost\]/),
      expect.stringMatching(/^ {2}database: /),
      expect.stringMatching(/^ {2}fix: /),
      `MIGRATION FAILED: ${failure.title} (exit code 75)`,
      '',
    ])
  })
})
