// `schemagate lint`: what the migration files would do to a running system. Needs no database.

import { basename } from 'node:path'
import { loadContracts } from '../../contract/load.ts'
import { type Problem, problemsOf } from '../../errors/problem.ts'
import { lint } from '../../lint/lint.ts'
import { unreadableFile } from '../../lint/rules/unreadable-file.ts'
import { changedFiles } from './changed-files.ts'
import { loadMigrations } from '../../migrations/load.ts'
import { compareVersions, versionOf, type Migration } from '../../migrations/migration.ts'
import { prepareMigrations } from '../../migrations/prepare.ts'
import { renderLintForGithub } from './github.ts'
import { lintJson } from './json.ts'
import { renderLintAsJunit } from './junit.ts'
import { allFindings, lintExitCode, type LintReport } from './report.ts'
import { renderLintAsSarif } from './sarif.ts'
import { renderLint } from './text.ts'
import type { ReportFormat } from '../../report/publish.ts'
import type { PrintedAs } from '../../report/visible.ts'
import { loadParser } from '../../sql/parse.ts'
import { prepareOffline } from '../prepare.ts'
import type { LintFormat, LintRequest } from './flags.ts'

const texts: Readonly<
  Record<Exclude<LintFormat, 'json'>, (report: LintReport) => string | Promise<string>>
> = {
  text: renderLint,
  github: renderLintForGithub,
  sarif: renderLintAsSarif,
  junit: renderLintAsJunit,
}

const readAs: Readonly<Record<LintFormat, PrintedAs>> = {
  ...{ text: 'text', junit: 'text', github: 'commands', json: 'json', sarif: 'json' },
}

export const lintMigrations = async (request: LintRequest): Promise<number> => {
  const prepared = await prepareOffline(request)
  const report = await reportOf(prepared.migrationsDir, request, prepared.problems)
  const { lintFormat } = request
  const grave = allFindings(report).find(({ level }) => level === 'error')
  if (grave !== undefined) {
    const { rule: code, place, message, cure: fix } = grave
    prepared.logFailure(message, { code, place, fix }, lintExitCode(report))
  }
  await prepared.print(
    {
      text: () => (lintFormat === 'json' ? '' : texts[lintFormat](report)),
      textAs: readAs[lintFormat],
      json: () => lintJson(report),
    },
    lintFormat === 'json' ? jsonFormat(request) : 'text',
  )
  return lintExitCode(report)
}

const jsonFormat = ({ format }: LintRequest): ReportFormat => (format === 'text' ? 'json' : format)

const reportOf = async (
  folder: string,
  asked: Pick<LintRequest, 'since' | 'also'>,
  problems: readonly Problem[],
): Promise<LintReport> => {
  const alone = (found: readonly Problem[]): LintReport => ({
    problems: found,
    findings: [],
    files: [],
  })
  if (problems.length > 0) return alone(problems)
  try {
    return await lintFolder(folder, asked)
  } catch (error) {
    return alone(problemsOf(error))
  }
}

const lintFolder = async (
  folder: string,
  { since, also }: Pick<LintRequest, 'since' | 'also'>,
): Promise<LintReport> => {
  const { migrations, problems } = loadMigrations(folder)
  // Without files git is not asked: the folder may not even be there.
  const isAsked = await askedAbout(folder, migrations.length === 0 ? undefined : since)
  const parse = await loadParser()
  const asked = migrations.filter(isAsked)
  const files = asked.map(({ file }) => file)
  const refused = prepareMigrations(asked, parse).problems
  const isRefused = (file: string): boolean => refused.some(({ place }) => place?.file === file)
  const loaded = loadContracts(folder)
  const contracts = loaded.contracts.map(({ contract }) => contract)
  const findings = lint(migrations, parse, { contracts, also })
  return {
    problems: [...problems, ...loaded.problems, ...refused],
    findings: findings.filter(
      // Why it cannot be read, the problem tells better.
      ({ file, rule }) => files.includes(file) && !(rule === unreadableFile.id && isRefused(file)),
    ),
    files,
  }
}

const askedAbout = async (
  folder: string,
  since: string | undefined,
): Promise<(migration: Migration) => boolean> => {
  if (since === undefined) return () => true
  if (/^\d+$/.test(since)) {
    const version = versionOf(since)
    return (migration) => compareVersions(migration.version, version) > 0
  }
  const changed = await changedFiles(folder, since)
  return ({ file }) => changed.has(basename(file))
}
