// `schemagate contract snapshot`: a contract of what a database has, to start from, or to see what has changed. Reads only.

import { readFacts } from '../../catalog/facts/contract-facts.ts'
import { readListing, type Listing } from './listing.ts'
import type { Config } from '../../config/config.ts'
import { splitSignature } from '../../contract/check/check.ts'
import type { Contract } from '../../contract/contract.ts'
import type { Facts } from '../../contract/facts.ts'
import { snapshot } from '../../contract/file/snapshot.ts'
import { writeContract } from '../../contract/file/write.ts'
import { connectToDatabase } from '../../database/connect/connect.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, SchemagateError, problemsOf } from '../../errors/problem.ts'
import { nearest } from '../../errors/nearest.ts'
import { factsOrFail } from '../validate/read-state.ts'
import { prepareCommand, type CommandRequest, type Prepared } from '../prepare.ts'
import { readFlag, withProblems, type ParsedArguments } from '../definition.ts'
import { reportFailure } from '../report-failure.ts'

const serviceName = {
  isValid: (value: string) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(value),
  form: 'the name of a service, such as api',
}

const tableNames = {
  isValid: () => true,
  form: 'table names with commas between, such as call_log,audit.events',
}

const patienceMs = 5_000

export const snapshotContract = async (
  line: CommandRequest,
  parsed: ParsedArguments,
): Promise<number> => {
  const service = readFlag(parsed, 'service', serviceName)
  const tables = readFlag(parsed, 'tables', tableNames)
  const request = withProblems(line, [...service.problems, ...tables.problems])
  const prepared = await prepareCommand(request)
  const { config, problems, print } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    const asked = tables.value
      ?.split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '')
    const contract = await takeSnapshot(config, service.value ?? 'app', asked, {
      ...prepared,
      interruption,
    })
    // The contract itself is JSON; there is no other form of it.
    await print(
      { text: () => writeContract(contract), textAs: 'json', json: () => contract },
      'text',
    )
    return exitCodes.ok
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}

const takeSnapshot = async (
  config: Config,
  service: string,
  asked: readonly string[] | undefined,
  { announce, interruption }: Pick<Prepared, 'announce'> & Pick<CommandRequest, 'interruption'>,
): Promise<Contract> => {
  const { session, first: whole } = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'contract',
    first: (opened) => readListing(opened, config.ledgerSchema),
    announce,
    interruption,
  })
  try {
    const listing = asked === undefined ? whole : narrowed(whole, asked)
    const { views, enums, functions, extensions } = listing
    const relations = [...listing.relations, ...views.map(aView)]
    const names = functions.map((signature) => splitSignature(signature).name)
    const request = { relations, enums, extensions, functions: [...new Set(names)] }
    const facts = factsOrFail(await readFacts(session, request, patienceMs), patienceMs)
    const tables = listing.relations.map(({ name }) => name)
    return snapshot(
      { service, tables, views, enums, extensions, functions: functionsOf(functions, facts) },
      facts,
    )
  } finally {
    await session.close()
  }
}

const aView = (name: string): Listing['relations'][number] => ({
  ...{ name, defaults: [], indexes: [], indexDefinitions: [] },
  ...{ constraints: [], constraintDefinitions: [] },
})

const narrowed = (whole: Listing, asked: readonly string[]): Listing => {
  const tables = whole.relations.map(({ name }) => name)
  const known = [...tables, ...whole.views]
  // 'public.call_log' is the call_log that the search path finds.
  const plain = (name: string): string =>
    known.includes(name) ? name : name.replace(/^public\./, '')
  const problems = asked
    .filter((name) => !known.includes(plain(name)))
    .map((table) => problem('unknown-table', { table, nearest: nearest(table, known, 3) }))
  if (problems.length > 0) throw new SchemagateError(problems)
  const wanted = new Set(asked.map(plain))
  return {
    ...whole,
    relations: whole.relations.filter(({ name }) => wanted.has(name)),
    views: whole.views.filter((name) => wanted.has(name)),
    enums: [...new Set([...wanted].flatMap((name) => whole.enumsOf[name] ?? []))],
    extensions: [],
    functions: [],
  }
}

const functionsOf = (
  signatures: readonly string[],
  { functions, searchPath }: Facts,
): readonly { readonly signature: string; readonly returns: string | undefined }[] =>
  signatures.map((signature) => {
    const { name, schema, argumentTypes } = splitSignature(signature)
    const found = functions.find(
      (each) =>
        each.name === name &&
        (schema === undefined ? searchPath.includes(each.schema) : each.schema === schema) &&
        each.argumentTypes.join() === argumentTypes.join(),
    )
    return { signature, returns: found?.returns }
  })
