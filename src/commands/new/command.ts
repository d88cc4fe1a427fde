// `schemagate new <name>`: an empty migration with the next number. Needs no database.

import { readdirSync } from 'node:fs'
import { exitCodes } from '../../errors/exit-codes.ts'
import { fail, problem, SchemagateError, problemsOf } from '../../errors/problem.ts'
import { cleanName, createMigration, nextNumber } from './create.ts'
import { dialects } from '../../migrations/dialects/dialects.ts'
import { template } from '../../migrations/template.ts'
import { loadFolder } from '../load-folder.ts'
import { prepareOffline, type CommandRequest, type Prepared } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

export const newMigration = async (request: CommandRequest, name: string): Promise<number> => {
  const prepared = await prepareOffline(request)
  try {
    if (prepared.problems.length > 0) throw new SchemagateError(prepared.problems)
    const clean = cleanName(name)
    if (clean === undefined) throw new SchemagateError([problem('bad-migration-name', { name })])
    const folder = prepared.migrationsDir
    const entries = entriesOf(folder)
    const file = newFile(prepared, { entries, name: clean })
    await prepared.print({ text: () => `created ${file}\n`, json: () => ({ file }) })
    return exitCodes.ok
  } catch (error) {
    return reportFailure(problemsOf(error), prepared)
  }
}

type Asked = { readonly entries: readonly string[]; readonly name: string }

// In a folder of another tool one in the form of that tool.
const newFile = (prepared: Prepared, { entries, name }: Asked): string => {
  const { migrationsDir: folder, reading, announce } = prepared
  const now = new Date()
  const isNew = entries.length === 0 && reading.dialect === 'auto'
  const seen = isNew ? undefined : loadFolder(prepared, announce)
  const dialect = seen?.dialect ?? dialects.find((each) => each.name === reading.dialect)
  if (dialect === undefined)
    return createMigration(folder, `${nextNumber(entries, now)}_${name}.sql`, name)
  const { tool, create } = dialect
  const names = (seen?.migrations ?? []).map(
    (each) => `${each.name.replace(/^V(\d+).*/, '$1_')}_.sql`,
  )
  const made = create({ number: nextNumber(names, now), name, now, body: template(name) })
  if ('refused' in made) return fail('not-made-here', { tool, reason: made.refused })
  return createMigration(folder, made.entry, name, made.text)
}

const entriesOf = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    // createMigration makes the folder, or says why it cannot.
    return []
  }
}
