// `schemagate lint` as a process: formats, exit codes, and which files are asked about.

import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from 'sarif'
import { runGate, sampleHistory, workFolder, writeFiles, type Files } from '../support/gate.ts'

const history: Files = {
  'migrations/0001_t.sql': 'CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, a text);\n',
  'migrations/0002_index.sql': 'CREATE INDEX IF NOT EXISTS t_a_idx ON t (a);\n',
}
const duplicate: Files = {
  'migrations/0003_again.sql': 'ALTER TABLE t ADD COLUMN a text;\n',
}

const lint = (folder: string, ...args: readonly string[]) =>
  runGate({ folder, args: ['lint', ...args] })

const rulesOf = (stdout: string): readonly string[] =>
  (JSON.parse(stdout) as { findings: { rule: string; file: string }[] }).findings.map(
    ({ rule, file }) => `${file} ${rule}`,
  )

describe('the exit code', () => {
  test('is 0 with warnings', async () => {
    const { exitCode, stdout, stderr } = await lint(workFolder(history))
    expect(stdout).toMatchSnapshot()
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
  })

  test('is 4 with an error', async () => {
    const { exitCode, stdout } = await lint(workFolder({ ...history, ...duplicate }))
    expect(stdout).toContain('error[duplicate-object]: column t.a is already defined')
    expect(stdout).toMatch(/\n2 findings: 1 error, 1 warning in 3 files\n$/)
    expect(exitCode).toBe(4)
  })

  test('is 0, and nothing is counted, with a statement that has no guard', async () => {
    const folder = workFolder({ 'migrations/0001_t.sql': 'CREATE TABLE t (a int);\n' })
    const { exitCode, stdout } = await lint(folder)
    expect(stdout).toBe('0 findings: 0 errors, 0 warnings in 1 file\n')
    expect(exitCode).toBe(0)
    const asked = await lint(folder, '--unguarded')
    expect(asked.stdout).toContain('warning[unguarded-statement]: table t is created without')
    expect(asked.stdout).toMatch(/\n1 finding: 0 errors, 1 warning in 1 file\n$/)
    expect(asked.exitCode).toBe(0)
  })

  test('is 0 for the sample history, from anywhere and without a database', async () => {
    const { exitCode, stdout } = await lint(workFolder({}), `--migrations-dir=${sampleHistory}`)
    expect(stdout).toMatch(/\n6 findings: 0 errors, 6 warnings in 55 files\n$/)
    expect(stdout).toContain('  --> migrations/0032_business_voice_id.sql:5:5\n')
    expect(exitCode).toBe(0)
  })

  test('is 4 with what a run would refuse, and says all of it', async () => {
    const folder = workFolder({
      ...history,
      'migrations/0002_twice.sql': '-- @alow index-without-concurrently x\nSELECT 1;',
      'migrations/0003_psql.sql': '\\i other.sql\n',
    })
    const { exitCode, stdout } = await lint(folder, '--json')
    expect(rulesOf(stdout)).toEqual([
      'migrations/0002_twice.sql unknown-directive',
      'migrations/0002_twice.sql duplicate-version',
      'migrations/0003_psql.sql psql-command',
      'migrations/0002_index.sql index-without-concurrently',
    ])
    expect(stdout).toContain('did you mean @allow?')
    expect(exitCode).toBe(4)
  })

  test.each(['text', 'json', 'github', 'sarif', 'junit'])(
    'is 2 when there is no folder, in format %s',
    async (format) => {
      const { exitCode, stdout } = await lint(workFolder({}), `--format=${format}`)
      expect(stdout).toContain('folder-missing')
      if (format === 'json' || format === 'sarif')
        expect(() => void JSON.parse(stdout)).not.toThrow()
      expect(exitCode).toBe(2)
    },
  )

  test('is 2 for a format that does not exist', async () => {
    const { exitCode, stdout } = await lint(workFolder(history), '--format', 'xml', '--sinse=1')
    expect(stdout).toMatchSnapshot()
    expect(exitCode).toBe(2)
  })
})

describe('the formats', () => {
  const files = { ...history, ...duplicate }

  test('JSON, also by --json', async () => {
    const folder = workFolder(files)
    const { stdout } = await lint(folder, '--format', 'json')
    expect(rulesOf(stdout)).toEqual([
      'migrations/0002_index.sql index-without-concurrently',
      'migrations/0003_again.sql duplicate-object',
    ])
    expect((await lint(folder, '--json')).stdout).toBe(stdout)
  })

  test('GitHub', async () => {
    const { stdout } = await lint(workFolder(files), '--format=github')
    expect(stdout).toContain(
      '\n::error file=migrations/0003_again.sql,line=1,col=26,title=duplicate-object::column t.a',
    )
  })

  test('SARIF', async () => {
    const { stdout, exitCode } = await lint(workFolder(files), '--format=sarif')
    const results = (JSON.parse(stdout) as Log).runs[0]?.results ?? []
    expect(results.map(({ ruleId, level }) => `${level ?? ''} ${ruleId ?? ''}`)).toEqual([
      'warning index-without-concurrently',
      'error duplicate-object',
    ])
    expect(exitCode).toBe(4)
  })

  test('JUnit', async () => {
    const { stdout, exitCode } = await lint(workFolder(files), '--format=junit')
    expect(stdout).toContain('<testsuites tests="3" failures="1" errors="0" skipped="0">')
    expect(exitCode).toBe(4)
  })
})

test('the contracts beside the migrations are read, and what is wrong with one is told', async () => {
  const folder = workFolder({
    ...history,
    'migrations/contracts/api.json':
      '{ "service": "api", "tables": { "t": { "columns": { "a": {} } } } }',
    'migrations/contracts/broken.json': '{',
    'migrations/0003_drop.sql': 'ALTER TABLE t DROP COLUMN IF EXISTS a;\n',
  })
  const { exitCode, stdout } = await lint(folder, '--json')
  expect(rulesOf(stdout)).toContain('migrations/0003_drop.sql contract-object-changed')
  expect(rulesOf(stdout)).toContain('migrations/contracts/broken.json contract-not-json')
  expect(exitCode).toBe(4)
})

describe('--since a version', () => {
  test.each([
    ['0001', ['migrations/0002_index.sql index-without-concurrently']],
    ['2', []],
    ['999999999999999999', []],
  ])('%s', async (version, found) => {
    const { stdout, exitCode } = await lint(workFolder(history), '--json', '--since', version)
    expect(rulesOf(stdout)).toEqual(found)
    expect(exitCode).toBe(0)
  })

  test('still knows the files before it', async () => {
    const folder = workFolder({ ...history, ...duplicate })
    const { stdout, exitCode } = await lint(folder, '--json', '--since=0002')
    expect(rulesOf(stdout)).toEqual(['migrations/0003_again.sql duplicate-object'])
    expect(exitCode).toBe(4)
  })
})

describe('--since a git ref', () => {
  const repository = (files: Files): { folder: string; git: (...args: string[]) => void } => {
    const folder = workFolder(files)
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: folder,
        stdio: 'ignore',
      })
    }
    git('init', '--initial-branch=main')
    git('add', '.')
    git('commit', '--message=first')
    return { folder, git }
  }

  const hazard = (name: string): Files => ({
    [`app/migrations/${name}.sql`]: `CREATE INDEX IF NOT EXISTS ${name.replace(/^\d+_/, '')}_idx ON t (a);\n`,
  })

  const first: Files = {
    'app/migrations/0001_t.sql': 'CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, a text);\n',
    ...hazard('0002_old'),
    ...hazard('0003_edited'),
    ...hazard('0004_renamed'),
  }

  test('asks about files that are new, changed, renamed, staged or unknown to git', async () => {
    const { folder, git } = repository(first)
    git('checkout', '-b', 'topic')
    writeFiles(folder, hazard('0005_committed'))
    git('mv', 'app/migrations/0004_renamed.sql', 'app/migrations/0006_renamed.sql')
    git('add', '.')
    git('commit', '--message=second')
    writeFiles(folder, {
      'app/migrations/0003_edited.sql': '-- edited\nCREATE INDEX IF NOT EXISTS e_idx ON t (a);\n',
      ...hazard('0007_staged'),
    })
    git('add', '.')
    writeFiles(folder, hazard('0008_ünknown file'))
    const { stdout, exitCode } = await runGate({
      folder,
      args: ['lint', '--json', '--since=main', '--migrations-dir=app/migrations'],
      // As git sets them for a hook.
      environment: { GIT_DIR: '.git', GIT_INDEX_FILE: '.git/index' },
    })
    const report = JSON.parse(stdout) as { files: string[]; findings: { file: string }[] }
    expect(report.files).toEqual(
      [
        '0003_edited.sql',
        '0005_committed.sql',
        '0006_renamed.sql',
        '0007_staged.sql',
        '0008_ünknown file.sql',
      ].map((name) => `app/migrations/${name}`),
    )
    expect(new Set(report.findings.map(({ file }) => file)).size).toBe(5)
    expect(exitCode).toBe(0)
  })

  test.each([
    ['nowhere', 'git knows no such'],
    ['main..topic', 'git knows no such'],
    ['--output=x', "a ref does not start with '-'"],
    ['$(touch x)', 'git knows no such'],
  ])('%s is refused', async (ref, reason) => {
    const { folder } = repository(first)
    const { stdout, exitCode } = await lint(join(folder, 'app'), `--since=${ref}`)
    expect(stdout).toContain(`error[bad-git-ref]: --since ${ref}: ${reason}`)
    expect(exitCode).toBe(2)
  })

  test('outside a repository is refused', async () => {
    const { folder } = repository(first)
    rmSync(join(folder, '.git'), { recursive: true })
    const { stdout, exitCode } = await runGate({
      folder: join(folder, 'app'),
      args: ['lint', '--since=main'],
      environment: { GIT_CEILING_DIRECTORIES: folder },
    })
    expect(stdout).toMatchSnapshot()
    expect(exitCode).toBe(2)
  })

  test('of a folder that is not there tells just that', async () => {
    const { folder } = repository(first)
    const { stdout, exitCode } = await lint(folder, '--since=main')
    expect(stdout).toContain('error[folder-missing]')
    expect(stdout).not.toContain('git')
    expect(exitCode).toBe(2)
  })

  test('without git is refused', async () => {
    const { folder } = repository(first)
    const { stdout, exitCode } = await runGate({
      folder: join(folder, 'app'),
      args: ['lint', '--since=main'],
      environment: { PATH: '/nonexistent' },
    })
    expect(stdout).toContain('git is not installed')
    expect(exitCode).toBe(2)
  })
})
