// A text search configuration or dictionary that is another one now, without dropping it: indexes and generated columns use it.

import { identifier } from '../../../database/literal.ts'
import { tokensOf } from '../../../sql/text/tokens.ts'
import type { Identity, ObjectFile } from '../../object-file.ts'
import { foundOne, type Bench } from '../bench.ts'
import type { Found } from '../../state/definitions.ts'

type Altering = {
  readonly bench: Bench
  readonly file: ObjectFile
  readonly identity: Identity
}

const trialName = 'schemagate_trial'

/**
 * What CREATE makes of it is put into what is there. `cannot be altered`: it is of another kind, or has another parser or template;
 * then nothing was done.
 */
export const alterTextSearch = async (
  altering: Altering,
  before: Found,
): Promise<'altered' | 'cannot be altered'> => {
  const { bench, file, identity } = altering
  const { kind } = identity
  if (kind !== 'text search configuration' && kind !== 'text search dictionary')
    return 'cannot be altered'
  const trial = await tried(altering)
  if (trial === undefined || basisOf(trial) !== basisOf(before)) return 'cannot be altered'
  const statements =
    kind === 'text search dictionary'
      ? [optionsFrom(trial, before)]
      : [await withoutMappings(bench, file, before), ...mappingsFrom(trial, before)]
  for (const statement of statements) if (statement !== '') await bench.run(file, statement)
  return 'altered'
}

/** What the file's CREATE makes, under another name; it is gone again. */
const tried = async ({ bench, file, identity }: Altering): Promise<Found | undefined> => {
  const { main } = file
  const open = [...tokensOf(main?.text ?? '')].find(
    ({ kind, start, end }) => kind === 'sign' && main?.text.slice(start, end).startsWith('('),
  )
  if (main === undefined || open === undefined) return undefined
  const create = `CREATE ${identity.kind.toUpperCase()} ${identifier(identity.schema)}.${identifier(trialName)} `
  const shift = create.length - open.start
  await bench.savepoint('try')
  await bench.run(file, create + main.text.slice(open.start), { statement: main, shift })
  const found = await foundOne(bench, file, { ...identity, name: trialName })
  await bench.rollBackTo('try')
  return found
}

const partsOf = ({ pieces }: Found): readonly string[] =>
  pieces.flatMap(({ part, text }) => (part === 'main' ? [text] : []))

/** 'PARSER = …', 'TEMPLATE = …' */
const basisOf = (found: Found): string => {
  const list = listOf(found)
  return /^(?:PARSER|TEMPLATE) = (?:"(?:[^"]|"")*"|[^",])+/.exec(list)?.[0] ?? list
}

const listOf = (found: Found): string =>
  (partsOf(found)[0] ?? '').slice(`CREATE ${found.target} (`.length, -1)

const optionsFrom = (trial: Found, before: Found): string => {
  const optionsOf = (found: Found): string =>
    listOf(found).slice(basisOf(found).length).replace(/^, /, '')
  const [wanted, present] = [optionsOf(trial), optionsOf(before)]
  // Their values are literals, so every other word is the name of one; without a value it is removed.
  const removed = [...tokensOf(present)].flatMap(({ kind, start, end }) =>
    kind === 'word' || kind === 'quoted name' ? [present.slice(start, end)] : [],
  )
  const list = [...removed, ...(wanted === '' ? [] : [wanted])]
  return list.length === 0 ? '' : `ALTER ${before.target} (${list.join(', ')})`
}

const withoutMappings = async (bench: Bench, file: ObjectFile, before: Found): Promise<string> => {
  const [row] = await bench.ask(
    file,
    `SELECT string_agg(DISTINCT quote_ident(t.alias), ', ') AS tokens FROM pg_ts_config c, ts_token_type(c.cfgparser) t
  WHERE c.oid = ${before.oid} AND EXISTS (SELECT FROM pg_ts_config_map m WHERE m.mapcfg = c.oid AND m.maptokentype = t.tokid)`,
  )
  const tokens = row?.['tokens']
  return typeof tokens === 'string' ? `ALTER ${before.target} DROP MAPPING FOR ${tokens}` : ''
}

const mappingsFrom = (trial: Found, before: Found): readonly string[] =>
  partsOf(trial)
    .slice(1)
    .map((text) => text.replaceAll(`ALTER ${trial.target} ADD`, `ALTER ${before.target} ADD`))
