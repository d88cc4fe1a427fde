// A file whose object somebody renamed: it is not run, for it would make the object a second time, beside the one that holds the
// data; nor is it taken as done for what only has another name. Pure.

import { literal } from '../../database/literal.ts'
import { quoteName } from '../../errors/define.ts'
import type { ObjectName } from '../../schema/effects/effect.ts'
import type { Intent, MigrationAssessment } from '../assessment.ts'
import type { Renamed } from './renamed-object.ts'

export const withRenamed = (
  assessments: readonly MigrationAssessment[],
  renamed: readonly Renamed[],
  intent: Intent,
): readonly MigrationAssessment[] =>
  assessments.map((each) => {
    const own = renamed.filter(({ version }) => version === each.migration.version)
    // Who adopts a database says that what is not there is not to be there.
    const refusing = intent === 'adopt' ? own.filter(({ why }) => why === 'to be made') : own
    return refusing.length === 0 ? each : { ...each, action: 'refuse', renamed: refusing }
  })

/** As it would be called back: 'ALTER TABLE public.t RENAME COLUMN b TO a'. */
export const renameBack = ({ object, now }: Renamed): string => {
  const { kind, schema, table } = object
  const relation = `${quoteName(schema)}.${quoteName(table === '' ? now.name : table)}`
  const [from, to] = [quoteName(now.name), quoteName(object.name)]
  switch (kind) {
    case 'column':
      return `ALTER TABLE ${relation} RENAME COLUMN ${from} TO ${to}`
    case 'constraint':
      return `ALTER TABLE ${relation} RENAME CONSTRAINT ${from} TO ${to}`
    case 'trigger':
    case 'policy':
      return `ALTER ${kind.toUpperCase()} ${from} ON ${relation} RENAME TO ${to}`
    default:
      return `ALTER ${kind.toUpperCase()} ${relation} RENAME TO ${to}`
  }
}

/** What '@fingerprint' says, so that only the object of this name shows that the file has run. */
export const fingerprintFor = ({ kind, schema, table, name }: ObjectName): string => {
  const owned = [schema, ...(table === '' ? [] : [table]), name].map(quoteName).join('.')
  switch (kind) {
    case 'view':
    case 'materialized view':
      return `sql SELECT to_regclass(${literal(owned)}) IS NOT NULL`
    case 'trigger':
      return `sql SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = ${literal(name)})`
    case 'policy':
      return `sql SELECT EXISTS (SELECT FROM pg_policy WHERE polname = ${literal(name)})`
    default:
      return `${kind} ${owned}`
  }
}
