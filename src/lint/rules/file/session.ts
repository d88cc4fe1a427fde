// What outlives the file, or keeps others out for its whole length: settings, locks, triggers, refreshes.

import { isDump } from '../../../sql/text/dump-parts.ts'
import { endsSessions } from '../../../sql/transaction/ends-sessions.ts'
import { locksOf } from '../../../sql/locks/locks.ts'
import { runsAtOnce } from '../../../sql/transaction/session-objects.ts'
import { settingsIn } from '../../../sql/transaction/settings.ts'
import { commandsOnOldTables } from '../../analysis/alter-commands.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlRelation } from '../../analysis/sql-text.ts'
import {
  bodyOf,
  indexOfWord,
  isNewRelation,
  resolve,
  textOf,
  type Subject,
} from '../../subject/subject.ts'
import { callLog } from '../example.ts'

export const sessionLevelSet: Rule = {
  id: 'session-level-set',
  level: 'warning',
  title: 'a setting outlives the file',
  condition: 'SET without LOCAL, or set_config(…, false), other than in a dump that pg_dump wrote.',
  effect:
    'The setting stays with the session: through a connection pooler other clients get it, and with other tools the files after this one. The gate resets it after each file.',
  hazard: { kind: 'leak', setting: 'search_path' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_comment.sql': `SET search_path = public, pg_temp;
COMMENT ON TABLE call_log IS 'one row for each call';
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_comment.sql': `SET LOCAL search_path = public, pg_temp;
COMMENT ON TABLE call_log IS 'one row for each call';
`,
    },
  },
  check: (subject) => {
    const sql = textOf(subject)
    const setting = settingOf(subject)
    if (setting === undefined || isDump(subject.migration.text)) return []
    return [
      {
        index: subject.statement.start,
        message: `${setting} stays set after this file`,
        cure: /^SET\b/i.test(sql)
          ? `${brief(forTransaction(sql))};`
          : `${brief(sql.replace(/,\s*(false|'f(alse)?')\s*\)/i, ', true)'))};`,
      },
    ]
  },
}

const forTransaction = (sql: string): string =>
  /^SET\s+SESSION\s+CHARACTERISTICS\b/i.test(sql)
    ? sql.replace(/^SET\s+SESSION\s+CHARACTERISTICS\s+AS\s+/i, 'SET ')
    : sql.replace(/^SET\s+(SESSION\s+(?!AUTHORIZATION))?/i, 'SET LOCAL ')

const settingOf = ({ statement }: Subject): string | undefined => {
  const set = settingsIn(statement.node).find(
    ({ kind, lasts }) => kind === 'sets' && lasts === 'session',
  )
  return set === undefined ? undefined : (set.name ?? 'a setting')
}

const blocking: readonly string[] = [
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]

export const lockTable: Rule = {
  id: 'lock-table',
  level: 'warning',
  title: 'a table is locked for the whole file',
  condition:
    'LOCK TABLE in a mode that blocks writers (SHARE or stronger, which is the default), on a table that this file does not create itself.',
  effect: 'Everybody else waits from here to the end of the file, whatever it does in between.',
  hazard: { kind: 'lock', relation: 'call_log', level: 'ACCESS EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_comment.sql': `LOCK TABLE call_log;
COMMENT ON TABLE call_log IS 'one row for each call';
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_comment.sql': `COMMENT ON TABLE call_log IS 'one row for each call';
`,
    },
  },
  check: (subject) =>
    bodyOf(subject, 'LockStmt') === undefined
      ? []
      : locksOf(subject.statement.node).flatMap(({ relation: { schema, name }, level }) => {
          const range = { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }
          const relation = resolve(subject, range)
          if (!blocking.includes(level) || isNewRelation(subject, relation)) return []
          const table = sqlRelation(relation)
          return [
            {
              index: subject.statement.start,
              message: `${table} is locked (${level}) until the end of the file`,
              cure: `Leave it out: each statement takes the lock that it needs, and MIGRATION_LOCK_TIMEOUT limits the wait. If it is intended: -- @allow lock-table <reason>`,
            },
          ]
        }),
}

export const disableTrigger: Rule = {
  id: 'disable-trigger',
  level: 'warning',
  title: 'triggers are switched off for everybody',
  condition: 'ALTER TABLE … DISABLE TRIGGER on a table that this file does not create itself.',
  effect:
    'Writers wait for its lock, and once it is committed no session runs the trigger any more: rows that services write in the meantime miss its effect, foreign keys included for ALL.',
  hazard: { kind: 'lock', relation: 'call_log', level: 'SHARE ROW EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_load.sql': `ALTER TABLE call_log DISABLE TRIGGER USER;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_load.sql': `COMMENT ON TABLE call_log IS 'a load that must not fire triggers sets a variable, which their functions check: SET LOCAL app.loading = on';
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap(({ command, relation, index }) => {
      if (command.subtype?.startsWith('AT_DisableTrig') !== true) return []
      const table = sqlRelation(relation)
      return [
        {
          index,
          message: `no session runs the trigger of ${table} any more`,
          cure: `SET LOCAL app.loading = 'on'; and in the trigger's function: IF current_setting('app.loading', true) = 'on' THEN RETURN NEW; END IF;`,
        },
      ]
    }),
}

const leftOut = "application_name NOT LIKE 'schemagate/%'"

export const sessionsEnded: Rule = {
  id: 'sessions-ended',
  level: 'warning',
  title: 'sessions are ended, including the one that holds the migration lock',
  condition: 'pg_terminate_backend() in a statement or DO block that does not mention schemagate/.',
  effect:
    'The session that holds the migration lock is idle in a transaction, like the sessions that such a file wants to end. Without it nothing can be recorded: the run fails every time.',
  hazard: { kind: 'ends', applicationName: 'schemagate/1 lock' },
  bad: {
    files: {
      ...callLog,
      '0002_quiet.sql': `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_quiet.sql': `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name NOT LIKE 'schemagate/%' AND pid <> pg_backend_pid();
`,
    },
  },
  check: (subject) => {
    const sql = textOf(subject)
    if (!runsAtOnce(subject.statement.node) || !endsSessions(sql) || sql.includes('schemagate/'))
      return []
    return [
      {
        index: indexOfWord(subject, 'pg_terminate_backend'),
        message: 'the session that holds the migration lock may be among those that this ends',
        cure: `Exclude it: AND ${leftOut}`,
      },
    ]
  },
}

export const refreshWithoutConcurrently: Rule = {
  id: 'refresh-without-concurrently',
  level: 'warning',
  title: 'a materialized view cannot be read while it is refreshed',
  condition:
    'REFRESH MATERIALIZED VIEW without CONCURRENTLY, of a view that this file does not create itself; not WITH NO DATA.',
  effect: 'Readers of the view wait until its query has run.',
  hazard: { kind: 'lock', relation: 'calls_by_status', level: 'ACCESS EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_calls_by_status.sql': `CREATE MATERIALIZED VIEW IF NOT EXISTS calls_by_status AS SELECT status, count(*) FROM call_log GROUP BY status;
CREATE UNIQUE INDEX IF NOT EXISTS calls_by_status_status_idx ON calls_by_status (status);
`,
      '0003_refresh_calls_by_status.sql': `REFRESH MATERIALIZED VIEW calls_by_status;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_calls_by_status.sql': `CREATE MATERIALIZED VIEW IF NOT EXISTS calls_by_status AS SELECT status, count(*) FROM call_log GROUP BY status;
CREATE UNIQUE INDEX IF NOT EXISTS calls_by_status_status_idx ON calls_by_status (status);
`,
      '0003_refresh_calls_by_status.sql': `REFRESH MATERIALIZED VIEW CONCURRENTLY calls_by_status;
`,
    },
  },
  check: (subject) => {
    const statement = bodyOf(subject, 'RefreshMatViewStmt')
    if (statement === undefined || statement.concurrent === true) return []
    const relation = resolve(subject, statement.relation)
    if (isNewRelation(subject, relation)) return []
    const view = sqlRelation(relation)
    return [
      {
        index: subject.statement.start,
        message: `readers of ${view} wait until its query has run`,
        cure: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${view};\nit needs a UNIQUE index on ${view}`,
      },
    ]
  },
}
