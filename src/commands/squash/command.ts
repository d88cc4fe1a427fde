// `schemagate squash --to N`: an old history as one base file, built and proved on databases of its own. Writes one file, and
// nothing to the database.

import { connectToDatabase } from '../../database/connect/connect.ts'
import type { Session } from '../../database/session/session.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { fail, problemsOf, SchemagateError } from '../../errors/problem.ts'
import { shownFolder } from '../../migrations/load.ts'
import { utf8 } from '../../sql/tree/naming.ts'
import { analyse } from '../../schema/history/analyse.ts'
import { readFlag, withProblems, type ParsedArguments } from '../definition.ts'
import { prepareCommand, type CommandRequest, type Prepared } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'
import type { ScratchRequest } from '../scratch/scratch.ts'
import { baseMigration, baseText, replacesOf } from './base-file.ts'
import { buildBase, buildFiles } from './build.ts'
import { chooseFiles, requireRecorded, type Chosen } from './files.ts'
import { leftOutOf } from './left-out.ts'
import { differencesOf, type Built } from './differences.ts'
import { renderSquash, squashJson, type SquashReport } from './report.ts'
import { requireFree, writeBase } from './write.ts'

const numberForm = {
  isValid: (value: string) => /^\d{1,18}$/.test(value),
  form: 'the number of the last file that goes into the base, such as 0109',
}

export const squash = async (line: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const to = readFlag(parsed, 'to', numberForm)
  const request = withProblems(line, to.problems)
  const prepared = await prepareCommand(request, 'optional')
  const { config, problems, log, announce } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    if (to.value === undefined) return fail('squash-no-number', {})
    const onBug = (error: Error): void => {
      log({ level: 'debug', message: error.stack ?? error.message })
    }
    const report = await makeBase(config, to.value, { announce, interruption, onBug })
    await prepared.print({ text: () => renderSquash(report), json: () => squashJson(report) })
    return exitCodes.ok
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the base was written')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}

type Context = ScratchRequest['context'] & Pick<Prepared, 'announce'>

const makeBase = async (config: Config, to: string, context: Context): Promise<SquashReport> => {
  const chosen = chooseFiles(config, to, context.announce)
  const { files } = chosen
  const replaces = replacesOf(files)
  const name = `${replaces.to}_base`
  const [entry, file] = [`${name}.sql`, `${shownFolder(config.migrationsDir)}/${name}.sql`]
  requireFree(config.migrationsDir, entry, file)
  return withDatabase(config, chosen, context, async (database) => {
    const request = { ...{ config, context, database }, command: 'squash' }
    const built = await buildFiles({ ...request, files: { migrations: files, objects: [] } })
    const { portable, tablesWithRows, serverVersion } = built
    const text = baseText(replaces, portable)
    const base = baseMigration(replaces, text, { name, file })
    const differences = await compareWithBase(built, {
      ...request,
      files: { migrations: [base], objects: [] },
    })
    if (differences.length > 0) fail('squash-differs', { differences })
    const { history } = await analyse(files, { schemas: ['public'], existing: ['public'] }, utf8)
    context.interruption.throwIfAborted()
    writeBase(config.migrationsDir, entry, file, text)
    return {
      ...{ file, replaces, files, objects: portable.length, serverVersion, tablesWithRows },
      leftOut: leftOutOf(history),
    }
  })
}

/** Undefined where none is named: the history is then what the folder has. */
const withDatabase = async <Result>(
  config: Config,
  chosen: Chosen,
  { announce, interruption }: Context,
  work: (database: Session | undefined) => Promise<Result>,
): Promise<Result> => {
  const { endpoints } = config
  if (endpoints === undefined) return work(undefined)
  const { session } = await connectToDatabase({
    ...{ endpoints, waitMs: config.databaseWaitMs, role: 'squash', announce, interruption },
    first: (opened) => requireRecorded(opened, chosen, config),
  })
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

// A base that does not even run makes something else.
const compareWithBase = async (
  files: Built,
  request: ScratchRequest,
): Promise<readonly string[]> => {
  try {
    return differencesOf(files, await buildBase(request))
  } catch (error) {
    const failed = problemsOf(error).find(({ code }) => code === 'scratch-build-failed')
    if (failed === undefined) throw error
    const { reason, words } = failed.facts as { reason: string; words: readonly string[] }
    return [`the base does not run: ${reason}`, ...words]
  }
}
