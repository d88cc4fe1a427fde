// `schemagate schema dump`: the schema of the database as SQL, or how it differs from a file that was written so before. Reads only.

import { resolve } from 'node:path'
import { dumpSchema, type DumpOptions } from '../../catalog/dump/dump.ts'
import type { DumpedObject } from '../../catalog/dump/paragraphs.ts'
import { readDump, renderDump } from '../../catalog/dump/render.ts'
import { shellWord } from '../../errors/define.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { loadPart } from '../../errors/part.ts'
import { fail, problem } from '../../errors/problem.ts'
import { mostOfSource, readRegularFile } from '../../files/regular-file.ts'
import { renderProblem } from '../../report/formats/problem-text.ts'
import { readFlag, type ParsedArguments } from '../definition.ts'
import type { CommandRequest, Prepared } from '../prepare.ts'
import { patienceMs, readDatabase, readSchemas } from './read-database.ts'

const fileForm = { isValid: () => true, form: 'a file that schema dump has written' }

export const writeDump = (request: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const check = readFlag(parsed, 'check', fileForm)
  const named = readSchemas(parsed)
  const options: DumpOptions = {
    schemas: named.schemas,
    owners: parsed.isSet('no-owner') ? 'without owners' : 'with owners',
    privileges: parsed.isSet('no-privileges') ? 'without privileges' : 'with privileges',
    timeoutMs: patienceMs,
  }
  const file = check.value
  const command = commandOf(options)
  let text = ''
  return readDatabase(request, {
    problems: [...check.problems, ...named.problems],
    schemas: named.schemas,
    before: () => {
      if (file !== undefined) text = readSchemaFile(file, command)
    },
    read: (session) => dumpSchema(session, options),
    report: (objects, prepared) =>
      file === undefined
        ? printDump(objects, prepared)
        : printCheck({ file, text, command, objects }, prepared),
  })
}

const commandOf = ({ schemas, owners, privileges }: DumpOptions): string =>
  [
    'schemagate schema dump',
    ...(schemas === undefined ? [] : [`--schema ${shellWord(schemas.join(','))}`]),
    ...(owners === 'with owners' ? [] : ['--no-owner']),
    ...(privileges === 'with privileges' ? [] : ['--no-privileges']),
  ].join(' ')

const readSchemaFile = (file: string, command: string): string => {
  const found = readRegularFile(resolve(file), mostOfSource)
  if (found.kind === 'bytes') return found.bytes.toString('utf8')
  const reason = found.kind === 'folder' ? 'it is a folder' : found.reason
  return fail('unreadable-schema-file', { file, reason, command })
}

const printDump = async (
  objects: readonly DumpedObject[],
  { print }: Prepared,
): Promise<number> => {
  await print({
    text: () => renderDump(objects),
    textAs: 'SQL',
    json: () => ({ exit_code: exitCodes.ok, objects }),
  })
  return exitCodes.ok
}

type Checked = {
  readonly file: string
  readonly text: string
  readonly command: string
  readonly objects: readonly DumpedObject[]
}

const printCheck = async (
  { file, text, command, objects }: Checked,
  { print, logFailure }: Prepared,
): Promise<number> => {
  const now = renderDump(objects)
  const { findDifferences } = await loadPart('comparison of lines', import('./differences.ts'))
  const { patch, changed } = findDifferences(file, readDump(text), now)
  const exitCode = changed === 0 ? exitCodes.ok : exitCodes['contract violated']
  const found = problem('schema-file-differs', { file, changed, command })
  if (changed > 0) logFailure(found.title, found, exitCode)
  await print({
    text: () =>
      changed === 0
        ? `${file} is what the database has: ${objects.length} objects\n`
        : `${patch}\n${renderProblem(found)}\n`,
    json: () => ({
      exit_code: exitCode,
      file,
      changed,
      patch,
      ...(changed === 0 ? {} : { command: `${command} > ${shellWord(file)}` }),
    }),
  })
  return exitCode
}
