// A new type is free only where the rows stay as they are; everything else rewrites the table.

import { quoteName } from '../../../errors/define.ts'
import { commandsOnOldTables } from '../../analysis/alter-commands.ts'
import { isPlainUsing, keepsFiles, keepsFilesInUtc, sqlType } from '../../analysis/column-type.ts'
import type { Rule } from '../../rule.ts'
import { sqlRelation } from '../../analysis/sql-text.ts'
import { columnOf, fragmentsOf } from '../../subject/subject.ts'
import { isInUtc } from '../../analysis/time-zone.ts'
import { callLog } from '../example.ts'

export const columnTypeChange: Rule = {
  id: 'column-type-change',
  level: 'warning',
  title: "a column's new type rewrites the table",
  condition:
    "ALTER COLUMN … TYPE on a table that this file does not create itself, unless the change is known to keep the rows as they are (varchar(20) to varchar(64) or text, numeric(8,2) to numeric(12,2), timestamp to timestamptz after SET timezone = 'UTC' in the same file, …).",
  effect:
    'PostgreSQL rewrites the whole table and its indexes under an ACCESS EXCLUSIVE lock: nobody can read or write the table until that is done, and the disk needs room for both copies.',
  hazard: { kind: 'rewrite', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_seconds.sql': `ALTER TABLE call_log ALTER COLUMN seconds TYPE bigint;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_call_sid.sql': `ALTER TABLE call_log ALTER COLUMN call_sid TYPE varchar(128);
`,
      '0003_call_log_seconds.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS seconds_big bigint;
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap(({ command, relation, index }) => {
      const { subtype, name = '', def } = command
      if (subtype !== 'AT_AlterColumnType' || def === undefined || !('ColumnDef' in def)) return []
      const { typeName: to, raw_default: using } = def.ColumnDef
      if (to === undefined) return []
      const [was] = fragmentsOf(columnOf(subject, relation, name), 'type')
      const from = was?.kind === 'type' ? was.type : undefined
      const isFree =
        from !== undefined &&
        (keepsFiles(from, to) || (keepsFilesInUtc(from, to) && isInUtc(subject)))
      if (isFree && isPlainUsing(using, name, to)) return []
      const table = sqlRelation(relation)
      const change = `${from === undefined ? '' : `from ${sqlType(from)} `}to ${sqlType(to)}`
      const fresh = quoteName(`${name}_new`)
      return [
        {
          index,
          message: `PostgreSQL rewrites ${table} to change ${quoteName(name)} ${change}`,
          cure:
            `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${fresh} ${sqlType(to)};\n` +
            `let the services write both, fill ${fresh} in batches, let them read ${fresh}, and drop ${quoteName(name)} in a later release`,
        },
      ]
    }),
}
