// `schemagate lint`: what the migration files would do to a running system. Needs no database.

import { loadContracts } from '../../contract/file/load.ts'
import { type Problem, problemsOf } from '../../errors/problem.ts'
import { lintEach } from '../../lint/lint.ts'
import { unreadableFile } from '../../lint/rules/file/unreadable-file.ts'
import { changedFiles } from './changed-files.ts'
import { loadFolder } from '../load-folder.ts'
import { shownFolder } from '../../migrations/load.ts'
import { compareVersions, versionOf, type Migration } from '../../migrations/migration.ts'
import { asMigration, loadObjects } from '../../objects/load.ts'
import { prepareMigrations } from '../../migrations/prepare/prepare.ts'
import { renderLintForGithub } from './github.ts'
import { lintJson } from './json.ts'
import { renderLintAsJunit } from './junit.ts'
import { allFindings, lintExitCode, type LintReport } from './report.ts'
import { renderLintAsSarif } from './sarif.ts'
import { renderLint } from './text.ts'
import type { ReportFormat } from '../../report/publish.ts'
import type { PrintedAs } from '../../report/visible.ts'
import { loadParser } from '../../sql/tree/parse.ts'
import { prepareOffline, type Prepared } from '../prepare.ts'
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
  const report = await reportOf(prepared, request)
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
  prepared: Prepared,
  asked: Pick<LintRequest, 'since' | 'also'>,
): Promise<LintReport> => {
  const failedBy = (found: readonly Problem[]): LintReport => ({
    problems: found,
    findings: [],
    files: [],
  })
  if (prepared.problems.length > 0) return failedBy(prepared.problems)
  try {
    return await lintFolder(prepared, asked)
  } catch (error) {
    return failedBy(problemsOf(error))
  }
}

const lintFolder = async (
  prepared: Prepared,
  { since, also }: Pick<LintRequest, 'since' | 'also'>,
): Promise<LintReport> => {
  const folder = prepared.migrationsDir
  const { migrations, problems, dialect } = loadFolder(prepared, prepared.announce)
  // Without files git is not asked: the folder may not even be there.
  const isAsked = await askedAbout(folder, migrations, since)
  const parse = await loadParser()
  const asked = migrations.filter(isAsked)
  const refused = prepareMigrations(asked, parse).problems
  const isRefused = (file: string): boolean => refused.some(({ place }) => place?.file === file)
  const loaded = loadContracts(folder)
  const contracts = loaded.contracts.map(({ contract }) => contract)
  // What is wrong with them is not about a migration: run says it, and plan.
  const objects = loadObjects(folder, dialect).objects.map(asMigration)
  const findings = lintEach(migrations, parse, { contracts, objects, also })
  return {
    problems: [...problems, ...loaded.problems, ...refused],
    findings: asked
      .flatMap((migration) => findings.get(migration) ?? [])
      // Why it cannot be read, the problem tells better.
      .filter(({ file, rule }) => !(rule === unreadableFile.id && isRefused(file))),
    files: [...new Set(asked.map(({ file }) => file))],
  }
}

const askedAbout = async (
  folder: string,
  migrations: readonly Migration[],
  since: string | undefined,
): Promise<(migration: Migration) => boolean> => {
  if (since === undefined || migrations.length === 0) return () => true
  // In the order of the tool that the folder was made for.
  const at = migrations.findIndex(({ version, source }) => source && version === since)
  if (at !== -1) {
    const behind = new Set(migrations.slice(at + 1))
    return (migration) => behind.has(migration)
  }
  if (/^\d+$/.test(since)) {
    const version = versionOf(since)
    return (migration) => compareVersions(migration.version, version) > 0
  }
  const changed = await changedFiles(folder, since)
  return ({ file }) => changed.has(file.slice(shownFolder(folder).length + 1))
}
