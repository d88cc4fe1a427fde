// `schemagate init`: what is this project, what would a run do with it, and what does compose need? Writes nothing without --write.

import { exitCodes, gravest } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problemsOf, SchemagateError } from '../../errors/problem.ts'
import type { ParsedArguments } from '../definition.ts'
import { prepareOffline, type CommandRequest } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'
import {
  composeFile,
  composeService,
  refuseToOverwrite,
  writeComposeFile,
} from './compose-service.ts'
import { projectJson } from './init-json.ts'
import { renderProject } from './init-text.ts'
import { lookAtDatabase, lookAtFolder } from './look.ts'

/** Exits as `run` would refuse; with 0 where there is nothing to run yet. */
export const init = async (request: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const prepared = await prepareOffline(request)
  const { config, problems, migrationsDir, announce, print } = prepared
  const { interruption } = request
  try {
    if (problems.length > 0) throw new SchemagateError(problems)
    const isToWrite = parsed.isSet('write')
    if (isToWrite) refuseToOverwrite()
    const folder = lookAtFolder(prepared, announce)
    const database =
      config?.endpoints === undefined
        ? undefined
        : await lookAtDatabase(config, folder, { announce, interruption })
    const refusals = [...folder.problems, ...(database?.plan?.refusals ?? [])]
    const [refusal] = refusals
    const exitCode = exitCodes[gravest(refusals.map(({ category }) => category))]
    const service = composeService({ migrationsDir, dialect: folder.dialect?.name })
    const writes = isToWrite && refusal === undefined && folder.state !== 'missing'
    if (writes) writeComposeFile(service)
    const seen = { folder, database, refusals, service, written: writes ? composeFile : undefined }
    await print({ text: () => renderProject(seen), json: () => projectJson(seen, exitCode) })
    if (refusal !== undefined) prepared.logFailure(refusal.title, refusal, exitCode)
    return exitCode
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}
