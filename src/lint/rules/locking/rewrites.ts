// What rewrites a whole table while nobody may use it.

import { quoteName } from '../../../errors/define.ts'
import { callsOf } from '../../../sql/tree/tree.ts'
import { locksOf } from '../../../sql/locks/locks.ts'
import {
  columnConstraint,
  columnDefinition,
  commandsOnOldTables,
  defaultNode,
} from '../../analysis/alter-commands.ts'
import { isSerial } from '../../analysis/column-type.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlRelation } from '../../analysis/sql-text.ts'
import {
  bodyOf,
  hasText,
  isNewRelation,
  fragmentsOf,
  resolve,
  textOf,
  type Subject,
} from '../../subject/subject.ts'
import { callLog } from '../example.ts'

const rewriteEffect =
  'PostgreSQL rewrites the whole table and its indexes under an ACCESS EXCLUSIVE lock: nobody can read or write the table until that is done, and the disk needs room for both copies.'

export const volatileDefault: Rule = {
  id: 'volatile-default',
  level: 'warning',
  title: 'a default that differs from row to row rewrites the table',
  condition:
    'ADD COLUMN with a volatile default (gen_random_uuid(), clock_timestamp(), random(), nextval(), a VOLATILE function of the history) on a table that this file does not create itself.',
  effect: rewriteEffect,
  hazard: { kind: 'rewrite', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_token.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS token uuid DEFAULT gen_random_uuid();
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_token.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS token uuid;
ALTER TABLE call_log ALTER COLUMN token SET DEFAULT gen_random_uuid();
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap(({ command, relation, text, index }) => {
      const column = columnDefinition(command)
      const node = column === undefined ? undefined : defaultNode(column)
      const called = node === undefined ? undefined : volatileCall(subject, node)
      if (called === undefined) return []
      const table = sqlRelation(relation)
      const name = quoteName(column?.colname ?? '')
      const [plain, value] = splitDefault(text)
      return [
        {
          index,
          message: `PostgreSQL rewrites ${table}, because ${called}() gives each row of ${name} a value of its own`,
          cure:
            `ALTER TABLE ${table} ${plain};\n` +
            `ALTER TABLE ${table} ALTER COLUMN ${name} SET DEFAULT ${value};\n` +
            'then fill the old rows in batches',
        },
      ]
    }),
}

const splitDefault = (text: string): readonly [plain: string, value: string] => {
  const match = /^(.*?)\s+DEFAULT\s+((?:[^\s()]|\([^()]*\))+)(.*)$/is.exec(text)
  // The old rows have no value yet.
  const plain = (match?.[1] ?? text).replace(/\s+NOT\s+NULL\b/i, '')
  return [brief(plain), brief(match?.[2] ?? '…')]
}

const volatileFunctions: ReadonlySet<string> = new Set([
  ...[
    'gen_random_uuid',
    'uuid_generate_v1',
    'uuid_generate_v1mc',
    'uuid_generate_v4',
    'uuidv4',
    'uuidv7',
  ],
  ...['random', 'random_normal', 'gen_random_bytes', 'gen_salt'],
  ...['clock_timestamp', 'timeofday', 'nextval', 'setval', 'pg_sleep'],
])

const volatileCall = (subject: Subject, value: unknown): string | undefined =>
  callsOf(value).find(({ name }) => volatileFunctions.has(name) || isVolatileHere(subject, name))
    ?.name

const isVolatileHere = ({ model }: Subject, name: string): boolean =>
  model.functions(name).some((tracked) => hasText(fragmentsOf(tracked, 'definition'), ' VOLATILE'))

export const computedColumn: Rule = {
  id: 'computed-column',
  level: 'warning',
  title: 'a column that the server fills rewrites the table',
  condition:
    'ADD COLUMN … GENERATED ALWAYS AS (…) STORED, serial or GENERATED … AS IDENTITY on a table that this file does not create itself.',
  effect: rewriteEffect,
  hazard: { kind: 'rewrite', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_minutes.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS minutes integer GENERATED ALWAYS AS (seconds / 60) STORED;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_minutes.sql': `CREATE OR REPLACE VIEW call_log_minutes AS SELECT id, seconds / 60 AS minutes FROM call_log;
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap(({ command, relation, text, index }) => {
      const column = columnDefinition(command)
      const how = column === undefined ? undefined : howFilled(column)
      if (column === undefined || how === undefined) return []
      const table = sqlRelation(relation)
      const name = quoteName(column.colname ?? '')
      return [
        {
          index,
          message: `PostgreSQL rewrites ${table}, because the server fills ${name} (${how})`,
          cure:
            how === 'GENERATED … STORED'
              ? `Compute ${name} in a view or in the query; or ALTER TABLE ${table} ${brief(text.replace(/\s+GENERATED\s.*$/is, ''))};\n` +
                'a trigger that fills it for new rows, and the old rows in batches'
              : `CREATE SEQUENCE IF NOT EXISTS ${quoteName(`${relation.name}_${column.colname ?? ''}_seq`)};\n` +
                `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${name} bigint;\n` +
                `ALTER TABLE ${table} ALTER COLUMN ${name} SET DEFAULT nextval('${relation.name}_${column.colname ?? ''}_seq');\n` +
                'then fill the old rows in batches',
        },
      ]
    }),
}

const howFilled = (
  column: NonNullable<ReturnType<typeof columnDefinition>>,
): string | undefined => {
  if (isSerial(column)) return 'serial'
  if (columnConstraint(column, 'CONSTR_IDENTITY') !== undefined) return 'IDENTITY'
  return columnConstraint(column, 'CONSTR_GENERATED')?.generated_kind === 's'
    ? 'GENERATED … STORED'
    : undefined
}

export const tableRewrite: Rule = {
  id: 'table-rewrite',
  level: 'warning',
  title: 'a table is rewritten',
  condition:
    'VACUUM FULL, CLUSTER, SET LOGGED or UNLOGGED, SET TABLESPACE or SET ACCESS METHOD, of a table that this file does not create itself.',
  effect: rewriteEffect,
  hazard: { kind: 'rewrite', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_cluster_call_log.sql': `CLUSTER call_log USING call_log_pkey;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_analyze_call_log.sql': `ANALYZE call_log;
`,
    },
  },
  check: (subject) => {
    const commands = commandsOnOldTables(subject).flatMap(({ command, text, relation, index }) =>
      rewriting.some((each) => each === command.subtype)
        ? [{ words: brief(text), table: sqlRelation(relation), index }]
        : [],
    )
    return [...commands, ...wholeStatement(subject)].map(({ words, table, index }) => ({
      index,
      message: `${words}: PostgreSQL rewrites ${table}, and nobody can use it meanwhile`,
      cure: `Leave it out of the migrations, and do it in a quiet hour (pg_repack or pg_squeeze do it while the system runs); for dead rows, plain VACUUM ${table}; is enough.`,
    }))
  },
}

const rewriting = [
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetTableSpace',
  'AT_SetAccessMethod',
] as const

const wholeStatement = (
  subject: Subject,
): readonly { readonly words: string; readonly table: string; readonly index: number }[] => {
  const locks = locksOf(subject.statement.node)
  // Without a table it locks all, one after the other.
  const isFull =
    bodyOf(subject, 'VacuumStmt')?.is_vacuumcmd === true &&
    (locks.length === 0
      ? /^VACUUM\s*(\([^)]*\bFULL\b|(?:FREEZE\s+|VERBOSE\s+)*FULL\b)/i.test(textOf(subject))
      : locks.some(({ level }) => level === 'ACCESS EXCLUSIVE'))
  if (!isFull && bodyOf(subject, 'ClusterStmt') === undefined) return []
  const index = subject.statement.start
  const words = isFull ? 'VACUUM FULL' : 'CLUSTER'
  const named = locks.map(({ relation: { schema, name } }) =>
    resolve(subject, { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }),
  )
  return named.length === 0
    ? [{ words, table: 'every table', index }]
    : named
        .filter((relation) => !isNewRelation(subject, relation))
        .map((relation) => ({ words, table: sqlRelation(relation), index }))
}
