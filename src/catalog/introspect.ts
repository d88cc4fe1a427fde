// Asks the server which of the queries' definitions it has, and what the SQL fingerprints answer: one message, in a read-only
// transaction with the login role's own settings, under the role that migrations run under.

import { identifier } from '../database/literal.ts'
import { readingInCleanSession } from '../database/own-sql.ts'
import { rowsOf, type Session } from '../database/session/session.ts'
import type { ObjectName, RelationName } from '../schema/effects/effect.ts'
import { eventTriggersQuery } from './facts/database-facts.ts'
import { belongingsQuery } from './facts/existing-objects.ts'
import { comparisonStatement } from './comparison/comparison.ts'
import type { CatalogQuery, SqlFragment } from './comparison/catalog-query.ts'
import { checksStatement } from './sql-check.ts'

export type Comparison = {
  /** The property in the server's words; undefined when the object, or that of it, is not there. */
  readonly found: string | undefined
  /** Each candidate in the server's words. */
  readonly expected: readonly string[]
  /** Which candidates it has, by index. */
  readonly matches: readonly number[]
  readonly doubts: readonly Doubt[]
}

/** A candidate that may be what is there: the server did not look at what it would have had to run code of others for. */
type Doubt = {
  /** The candidate's index. */
  readonly n: number
  /** Is what is there another object than the one of that name? */
  readonly alt: boolean
  /** Of what is there, as the candidate's. */
  readonly fragments: readonly SqlFragment[]
}

export type SqlCheckResult =
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'error'; readonly reason: string }

export type Introspection = {
  /** One for each query. */
  readonly comparisons: readonly Comparison[]
  /** One for each query. */
  readonly checkResults: readonly SqlCheckResult[]
  /** Of `belongingsOf`. */
  readonly existing: readonly ObjectName[]
  /** Undefined where nothing was asked. */
  readonly eventTriggers: boolean | undefined
}

export type IntrospectionRequest = {
  readonly queries: readonly CatalogQuery[]
  /** Tables and views of which the names of all that belongs to them are asked. */
  readonly belongingsOf: readonly RelationName[]
  readonly checks: readonly string[]
  readonly timeoutMs: number
  /** The role to look under, when it is another than the login role. */
  readonly role: string | undefined
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. Writes nothing. */
export const introspect = async (
  session: Session,
  { queries, belongingsOf, checks, timeoutMs, role }: IntrospectionRequest,
): Promise<Introspection> => {
  if (queries.length === 0 && checks.length === 0)
    return { comparisons: [], checkResults: [], existing: [], eventTriggers: undefined }
  const keep = (setting: string, value: string): string =>
    `  PERFORM pg_catalog.set_config('schemagate.${setting}', ${value}::text, true);`
  const message = readingInCleanSession(
    ...(role === undefined ? [] : [`SET LOCAL ROLE ${identifier(role)}`]),
    `SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = ${timeoutMs}`,
    ...(checks.length === 0 ? [] : [checksStatement(checks, keep('answers', 'answered'))]),
    ...(queries.length === 0
      ? []
      : [comparisonStatement(queries, keep('findings', 'compared'), 'raise')]),
    `SELECT pg_catalog.current_setting('schemagate.answers', true) AS answers,
      pg_catalog.current_setting('schemagate.findings', true) AS findings, ${eventTriggersQuery} AS event_triggers${
        belongingsOf.length === 0
          ? ''
          : `,
      (${belongingsQuery(belongingsOf)}) AS existing`
      }`,
  )
  const reply = await session.send(message)
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  const [row] = rowsOf(session, reply)
  return {
    comparisons: (parsed(row?.['findings']) as ComparisonRow[]).map(
      ({ found, expected, matches, doubts }) => ({
        ...{ expected, matches, doubts },
        found: found ?? undefined,
      }),
    ),
    checkResults: (parsed(row?.['answers']) as SqlCheckRow[]).map(({ value, error }) =>
      value === undefined ? { kind: 'error', reason: error ?? '' } : { kind: 'boolean', value },
    ),
    existing: parsed(row?.['existing']) as ObjectName[],
    eventTriggers: row?.['event_triggers'] === true,
  }
}

type ComparisonRow = Omit<Comparison, 'found'> & { readonly found: string | null }

type SqlCheckRow = { readonly value?: boolean; readonly error?: string }

const parsed = (text: unknown): unknown =>
  JSON.parse(typeof text === 'string' && text !== '' ? text : '[]')
