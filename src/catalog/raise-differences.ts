// What the comparison of a verification ends with: whatever differs is raised, as a finding of one error.

import { fenceStates, raise } from '../database/session/fence-states.ts'
import type { CatalogQuery } from './comparison/catalog-query.ts'
import { comparisonStatement } from './comparison/comparison.ts'

const raiseWith = (variable: string): string => `
  IF ${variable} IS NOT NULL THEN
    ${raise(fenceStates.notVerified, `${variable}::pg_catalog.text`)}
  END IF;`

// What the server could not compare without running others' code need only be there.
const raiseForQueries = `
  SELECT jsonb_agg(jsonb_build_object('id', c -> 'id', 'found', coalesce(c ->> 'found', 'nothing'),
      'expected', CASE WHEN c -> 'accepts' ? 'absent' THEN 'nothing' ELSE coalesce(c -> 'expected' ->> 0, 'something of that name') END))
    INTO compared FROM jsonb_array_elements(compared) c
    WHERE c -> 'matches' = '[]' AND c -> 'doubts' = '[]' AND NOT coalesce(c -> 'accepts' ? CASE WHEN c ->> 'found' IS NULL THEN 'absent' ELSE 'present' END, false);
  ${raiseWith('compared')}`

/** A statement that raises unless the catalog answers each query as the files say. Must follow ownPath. */
export const raiseUnlessEqual = (queries: readonly CatalogQuery[]): string =>
  comparisonStatement(queries, raiseForQueries, 'pass')

/** For checksStatement(): the findings count from `offset`. */
export const raiseForChecks = (offset: number): string => `
  SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', (a ->> 'id')::int + ${offset}, 'expected', 'true',
      'found', coalesce(a ->> 'value', a ->> 'error')))
    INTO answered FROM pg_catalog.jsonb_array_elements(answered) a WHERE a -> 'value' IS DISTINCT FROM 'true';
  ${raiseWith('answered')}`
