// The project's own history is sane: no error, and as few warnings as is honest.

import { expect, test } from '@jest/globals'
import { join } from 'node:path'
import { lint } from '../../../src/lint/lint.ts'
import { loadMigrations } from '../../../src/migrations/load.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'

test('the sample history has no error', async () => {
  const { migrations, problems } = loadMigrations(join(import.meta.dirname, '../../../migrations'))
  expect(problems).toEqual([])
  const findings = lint(migrations, await loadParser())
  // Each is a CHECK behind a new column of a table that is in use: PostgreSQL reads the table whole to verify it.
  expect(
    findings.map(({ level, rule, file, place }) => `${level} ${rule} ${file}:${place.line}`),
  ).toEqual(
    [
      '0032_business_voice_id.sql:5',
      '0045_faqs_intents.sql:5',
      '0045_faqs_intents.sql:7',
      '0080_business_tabs_config.sql:3',
      '0088_calendars_external_sync.sql:4',
      '0096_business_call_budget.sql:4',
    ].map((place) => `warning constraint-without-not-valid migrations/${place}`),
  )
})
