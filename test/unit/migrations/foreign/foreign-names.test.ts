import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadMigrations } from '../../../../src/migrations/load.ts'
import '../../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

// A folder that is taken for ours: one of nothing but these files is that tool's.
const load = () =>
  loadMigrations(join(folder, 'migrations'), { dialect: 'schemagate', variables: {} })

const write = (names: readonly string[]): void => {
  for (const name of names) {
    const path = join(folder, 'migrations', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'SELECT 1;\n')
  }
}

const shell = (command: string): void => {
  execFileSync('sh', ['-ec', command], { cwd: folder })
}

const inRepository = (names: readonly string[]): void => {
  write(names)
  shell('git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm a')
}

test.each([
  {
    what: 'golang-migrate and sqlx',
    names: ['1_a.up.sql', '1_a.down.sql', '2_b.up.sql', '2_b.down.sql'],
    left: ['1_a.sql', '2_b.sql'],
  },
  {
    what: 'Flyway',
    names: ['V1__a.sql', 'V02__b_c.sql', 'U2__b_c.sql', 'beforeMigrate.sql'],
    left: ['02_b_c.sql', '1_a.sql'],
  },
  { what: 'postgrator', names: ['001.do.a.sql', '001.undo.a.sql'], left: ['001_a.sql'] },
  {
    what: 'Prisma',
    names: ['20240101000000_a/migration.sql', 'migration_lock.toml'],
    left: ['20240101000000_a.sql'],
  },
  {
    what: 'Drizzle',
    names: ['20240101000000_a/migration.sql', '20240101000000_a/snapshot.json'],
    left: ['20240101000000_a.sql'],
  },
  { what: 'Drizzle before 1.0', names: ['0000_a.sql', 'meta/_journal.json'], left: ['0000_a.sql'] },
  {
    what: 'diesel',
    names: ['2024-01-02-030405_a_b/up.sql', '2024-01-02-030405_a_b/down.sql'],
    left: ['20240102030405_a_b.sql'],
  },
  { what: 'Atlas', names: ['20240101000000_a.sql', 'atlas.sum'], left: ['20240101000000_a.sql'] },
  {
    what: 'files that undo',
    names: ['1_a.sql', '2_a_down.sql', '3_a.UNDO.sql', '4_a-rollback.sql', '5_a.revert.sql'],
    left: ['1_a.sql'],
  },
])(
  'the folder of $what is told once for each kind, and the cures make it ours',
  ({ names, left }) => {
    inRepository(names)
    const { problems } = load()
    expect([...new Set(problems.map(({ code }) => code))]).toEqual(['foreign-dialect'])
    for (const { fix } of problems)
      for (const command of fix.split('\n').filter((line) => /^(for|git) /.test(line)))
        shell(command)
    expect(load().problems).toEqual([])
    expect(readdirSync(join(folder, 'migrations'))).toEqual(left)
  },
)

test('what needs a decision is told with its tool', () => {
  write([
    'V1.2__a.sql',
    'B3__all.sql',
    'R__views.sql',
    'V1__a.sql.conf',
    '20240101_a.up.fizz',
    'sqitch.plan',
    'deploy/a.sql',
    'revert/a.sql',
    'committed/000001.sql',
  ])
  const told = load().problems.map(({ code, facts }) => [code, facts['tool'], facts['file']])
  expect(told).toEqual([
    ['foreign-dialect', 'pop', 'migrations/20240101_a.up.fizz'],
    ['foreign-dialect', 'Flyway', 'migrations/B3__all.sql'],
    ['foreign-dialect', 'Flyway', 'migrations/R__views.sql'],
    ['foreign-dialect', 'Flyway', 'migrations/V1__a.sql.conf'],
    ['foreign-dialect', 'graphile-migrate', 'migrations/committed'],
    ['foreign-dialect', 'sqitch', 'migrations/deploy'],
    ['foreign-dialect', 'sqitch', 'migrations/sqitch.plan'],
  ])
})

test('what only looks like such a name is ours', () => {
  const names = [
    '1_breakdown.sql',
    '2_sign_up.sql',
    '3_undo_log.sql',
    '4_rollbacks.sql',
    '5_v1__x.sql',
  ]
  write(names)
  expect(load()).toMatchObject({
    problems: [],
    migrations: names.map((name) => ({ name: name.slice(0, -4) })),
  })
})
