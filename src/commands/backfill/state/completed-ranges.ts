// Several workers do not finish in the order of the key. The cursor of the state is how far everything is done; what is done
// beyond it is in a table beside it, a row for each range, none of which touches another.

import { literal } from '../../../database/literal.ts'
import { fenceStates, raise } from '../../../database/session/fence-states.ts'
import type { Key } from '../key/facts.ts'
import { orderOfTexts, textsLiteral, type KeyValues, type KeyRange } from '../key/key-sql.ts'
import { completedTable, stateTable } from './state.ts'

/** Whose record it is. */
export type RecordOf = {
  readonly schema: string
  readonly name: string
  /** A UUID. */
  readonly runId: string
}

/** A range that was done out of turn. */
export type CompletedRange = { readonly after: KeyValues; readonly upTo: KeyValues }

/** What is still to be scanned, in the order of the key; the last one has no end. Pure. */
export const remainingRanges = (
  cursor: KeyValues | undefined,
  completed: readonly CompletedRange[],
): readonly KeyRange[] => {
  const starts = [cursor, ...completed.map(({ upTo }) => upTo)]
  return starts.map((after, at) => ({ after, upTo: completed[at]?.after }))
}

/** Yields `after` and `up_to`, JSON arrays, in the order of the key. */
export const selectCompleted = (
  { schema, name }: RecordOf,
  key: Key,
): string => `SELECT pg_catalog.array_to_json(after_key)::pg_catalog.text AS after,
  pg_catalog.array_to_json(up_to_key)::pg_catalog.text AS up_to
FROM ${completedTable(schema)} WHERE name = ${literal(name)} ORDER BY ${orderOfTexts(key, 'after_key')}`

/** What recordDone() needs to be declared. */
export const recordVariables = 'schemagate_is_next boolean; schemagate_up_to text[];'

/**
 * Statements of PL/pgSQL that record a range, and with it `settings`; nobody else's but the last of a transaction: from
 * here on the other workers wait. Whose turn it is, the server decides under the lock of the row, and nobody's memory.
 */
export const recordDone = (
  of: RecordOf,
  { after, upTo }: { readonly after: KeyValues | undefined; readonly upTo: KeyValues },
  settings: string,
): string => {
  const completed = completedTable(of.schema)
  const name = literal(of.name)
  const [from, to] = [textsLiteral(after), textsLiteral(upTo)]
  return `SELECT cursor IS NOT DISTINCT FROM ${from} INTO schemagate_is_next FROM ${mine(of)} FOR NO KEY UPDATE;
  ${unlessMine}
  DELETE FROM ${completed} WHERE name = ${name} AND after_key = ${to} RETURNING up_to_key INTO schemagate_up_to;
  schemagate_up_to := coalesce(schemagate_up_to, ${to});
  IF NOT schemagate_is_next THEN
    UPDATE ${completed} SET up_to_key = schemagate_up_to WHERE name = ${name} AND up_to_key = ${from};
    IF NOT FOUND THEN INSERT INTO ${completed} VALUES (${name}, ${from}, schemagate_up_to); END IF;
  END IF;
  UPDATE ${stateTable(of.schema)} SET cursor = CASE WHEN schemagate_is_next THEN schemagate_up_to ELSE cursor END, ${settings}
  WHERE name = ${name};`
}

/** The same for rows whose range is recorded already. */
export const recordCounts = (of: RecordOf, settings: string): string =>
  `PERFORM FROM ${mine(of)} FOR NO KEY UPDATE; ${unlessMine}
  UPDATE ${stateTable(of.schema)} SET ${settings} WHERE name = ${literal(of.name)};`

/**
 * Before a batch: the backfill is still this run's. The share of the row's lock keeps nobody from recording, but whoever
 * claims the backfill waits for this batch, or this batch sees that it was claimed.
 */
export const shareState = (of: RecordOf): string =>
  `PERFORM FROM ${mine(of)} FOR KEY SHARE; ${unlessMine}`

const mine = ({ schema, name, runId }: RecordOf): string =>
  `${stateTable(schema)} WHERE name = ${literal(name)} AND state = 'running' AND run_id = ${literal(runId)}`

const unlessMine = `IF NOT FOUND THEN ${raise(fenceStates.ledgerMoved)} END IF;`
