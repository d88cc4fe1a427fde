// What cannot be dropped or altered because views and the like depend on it: which, and how they get out of the way. A file of
// migrations/objects/ makes what a migration drops again in the same run. The server names some of them, in words that are translated,
// and its hint is CASCADE.

import { identifier, literal } from '../../../database/literal.ts'
import { readMadeObjects } from '../../../database/ledger/made-objects.ts'
import type { Row, ServerError } from '../../../database/session/reply.ts'
import { dependantsQuery, type Origin } from '../../../catalog/facts/dependants.ts'
import { quoteName } from '../../../errors/define.ts'
import { dependentObjectsStillExist, featureNotSupported } from '../../../errors/server/sqlstate.ts'
import type { Effect, ObjectName } from '../../../schema/effects/effect.ts'
import type { ReadStatement } from '../../../schema/history/history.ts'
import { lookUp, type Failed } from './look-up.ts'

type Dependant = {
  readonly kind: string
  /** Quoted where it must be. */
  readonly name: string
  readonly relation: string
  /** Of migrations/objects/. */
  readonly file: string | undefined
}

/** What may have been refused with an SQLSTATE; that of ALTER COLUMN TYPE is also that of much else. */
const refused: Readonly<Record<string, (effect: Effect) => boolean>> = {
  [dependentObjectsStillExist]: ({ kind }) => kind === 'drop',
  [featureNotSupported]: (effect) => effect.kind === 'alter' && 'type' in effect.properties,
}

export const neededBy = async (
  { sqlstate }: Pick<ServerError, 'sqlstate'>,
  { effects }: ReadStatement,
  { session, server, ledgerSchema }: Failed,
): Promise<string | undefined> => {
  const changed = effects.filter((effect) => refused[sqlstate]?.(effect))
  const origins = changed.flatMap(({ object }) => originOf(object) ?? [])
  if (origins.length === 0) return undefined
  const found = await lookUp(session, ...origins.map(dependantsQuery))
  const all = found.flat().filter((row) => !goesAlong(row, changed))
  const rows = new Map(
    all.filter(({ kind }) => inTheWay.includes(String(kind))).map((row) => [keyOf(row), row]),
  )
  const others = all.filter(({ kind, is_needing }) => kind === null && is_needing === true)
  if (rows.size === 0 || rows.size > mostNamed) return undefined
  const made = await readMadeObjects(session, {
    ...{ ledgerSchema, migrationRole: server.searchPath.role },
  })
  const files = new Map(made.map((each) => [keyOf(each), each.file]))
  // What needs another one is in front of it.
  const dependants = [...rows]
    .reverse()
    .map(([key, row]): Dependant => ({ ...namedIn(row), file: files.get(key) }))
  return adviceOn(dependants, [...new Set(others.map(({ words }) => String(words)))])
}

const mostNamed = 20

const inTheWay: readonly string[] = [
  ...['view', 'materialized view', 'function', 'procedure', 'trigger', 'policy'],
]

const keyOf = (row: Row): string =>
  JSON.stringify(['kind', 'schema', 'relation', 'name'].map((each) => row[each]))

/** With a table go its triggers and policies. */
const goesAlong = (
  { schema, relation }: Row,
  changed: readonly { readonly object: ObjectName }[],
): boolean =>
  changed.some(
    ({ object }) => object.kind === 'table' && object.schema === schema && object.name === relation,
  )

const namedIn = (row: Row): Omit<Dependant, 'file'> => {
  const [kind = '', schema = '', relation = '', name = ''] = [
    ...['kind', 'schema', 'relation', 'name'],
  ].map((each) => String(row[each]))
  const [plain = '', types = ''] = /^(.*?)(\(.*)?$/s.exec(name)?.slice(1) ?? []
  return relation === ''
    ? { kind, name: `${quoteName(schema)}.${quoteName(plain)}${types}`, relation: '' }
    : { kind, name: quoteName(name), relation: `${quoteName(schema)}.${quoteName(relation)}` }
}

const adviceOn = (dependants: readonly Dependant[], others: readonly string[]): string => {
  const words = dependants.map(
    ({ kind, name, relation, file }) =>
      `${kind} ${name}${relation === '' ? '' : ` on ${relation}`}${file === undefined ? '' : ` (migrations/objects/${file})`}`,
  )
  const drops = dependants.map(
    ({ kind, name, relation }) =>
      `DROP ${kind.toUpperCase()} IF EXISTS ${name}${relation === '' ? '' : ` ON ${relation}`};`,
  )
  const [one] = dependants
  const isOne = dependants.length === 1
  const made = dependants.filter(({ file }) => file !== undefined).length
  const again =
    made === dependants.length
      ? `the same run makes ${isOne ? 'it' : 'them'} again from ${isOne ? 'its file' : 'their files'}`
      : made === 0
        ? `make ${isOne ? `the ${one?.kind ?? ''}` : 'them'} again behind it, with owner and grants`
        : 'the same run makes what has a file again from that; make the others again behind it, with owner and grants'
  const besides =
    others.length === 0
      ? ''
      : ` ${listed(others)} ${others.length === 1 ? 'needs' : 'need'} it, too, and must be dropped first.`
  return `${listed(words)} ${isOne ? 'needs' : 'need'} it. Put this before the statement, and ${again}: ${drops.join(' ')}${besides}`
}

const listed = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((each) => each !== '').join(' and ')

const originOf = ({ kind, schema, table, name }: ObjectName): Origin | undefined => {
  const relation = `pg_catalog.to_regclass(${literal(`${identifier(schema)}.${identifier(kind === 'column' ? table : name)}`)})`
  if (kind === 'table' || kind === 'view' || kind === 'materialized view')
    return { class: 'pg_class', oid: relation }
  if (kind !== 'column') return undefined
  const column = `(SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = ${relation} AND attname = ${literal(name)})`
  return { class: 'pg_class', oid: relation, column }
}
