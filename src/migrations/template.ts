// What `schemagate new` writes, and how a file is recognised that nobody has filled in since.

import { hasStatement } from '../sql/text/has-statement.ts'

const sayWhy = 'say here why, for whoever reads this at 3 a.m.'
const guards =
  'Guards such as IF NOT EXISTS make it safe on a database that has part of it already:'

export const template = (name: string): string => `-- ${name.replaceAll('_', ' ')}: ${sayWhy}
--
-- The file runs in one transaction, with its ledger row: it happens whole or not at all.
-- ${guards}
--   ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;

`

/** It would be recorded as applied, and what is written into it later would count as an edit. */
export const isUnfilledTemplate = (text: string): boolean =>
  (text.includes(sayWhy) || text.includes(guards)) && !hasStatement(text)
