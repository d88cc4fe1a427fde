// Files that try to change the ledger, or to get around the fence. None needs a right that the login role does not have. The
// objects that they make are named `cheat` or `late`, the table `prey` is there before.

import { fenceStates } from '../../src/database/session/fence-states.ts'
import { atCommit } from './effects.ts'
import type { Files } from './gate.ts'

export const ledger = 'schemagate.schema_migrations'

const edit = `UPDATE ${ledger} SET version = version::int + 700 WHERE version::int = 1`

const locks = `pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

const editing = (name: string, volatility = ''): string =>
  `CREATE FUNCTION ${name}() RETURNS boolean ${volatility} LANGUAGE plpgsql AS $$BEGIN ${edit}; RETURN true; END$$;`

const editingTrigger = (name: string): string =>
  `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ${edit}; RETURN NULL; END$$;`

/** Each is refused: rolled back, and told with a code other than 0. */
export const refusedCheats: Readonly<Record<string, string>> = {
  'an UPDATE in a DO block': `DO $$BEGIN ${edit}; END$$`,
  'a plain UPDATE of a checksum': `UPDATE ${ledger} SET checksum = repeat('0', 64) WHERE version::int = 1`,
  'an UPDATE in a subtransaction': `DO $$BEGIN BEGIN ${edit}; EXCEPTION WHEN OTHERS THEN NULL; END; END$$`,
  'an UPDATE behind what counts': `SET track_counts = off; ${edit}; SET track_counts = on`,
  'an UPDATE without triggers': `SET session_replication_role = replica; ${edit}`,
  'a row of a version to come': `INSERT INTO ${ledger} SELECT version + 500, name, checksum, state, reconciled, ordinal - 5000,
    statements_done, statements_total, started_at, finished_at, duration_ms, run_id, applied_by, tool_version FROM ${ledger}`,
  'a DELETE': `DELETE FROM ${ledger} WHERE version::int = 1`,
  'a TRUNCATE, and the same rows again': `CREATE TABLE cheat AS TABLE ${ledger}; TRUNCATE ${ledger};
    INSERT INTO ${ledger} SELECT * FROM cheat; ${edit}`,
  'a trigger that edits': `${editingTrigger('cheat')}
    CREATE TRIGGER cheat AFTER INSERT ON ${ledger} FOR EACH ROW EXECUTE FUNCTION cheat()`,
  'a trigger that edits at COMMIT': `${editingTrigger('cheat')}
    CREATE CONSTRAINT TRIGGER cheat AFTER INSERT ON ${ledger} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cheat()`,
  'a rule': `CREATE RULE cheat AS ON INSERT TO ${ledger} DO ALSO ${edit}`,
  'a default that edits': `${editing('cheat')} ALTER TABLE ${ledger} ALTER COLUMN reconciled SET DEFAULT cheat()`,
  'a deferred trigger of another table': `${editingTrigger('cheat')}
    CREATE CONSTRAINT TRIGGER cheat AFTER INSERT ON prey DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cheat();
    INSERT INTO prey VALUES (100)`,
  'a deferred trigger that postpones itself to COMMIT': atCommit(edit),
  'a query that edits when it is verified': `-- @verify sql SELECT cheat()
    ${editing('cheat')}`,
  'a function of an index': `${editing('cheat_now')}
    CREATE FUNCTION cheat(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN cheat_now(); END$$;
    INSERT INTO prey VALUES (100); CREATE INDEX cheat_index ON prey (cheat(id))`,
  'another ledger in its place': `CREATE TABLE cheat AS TABLE ${ledger}; ALTER TABLE ${ledger} RENAME TO cheat_away;
    CREATE TABLE ${ledger} (LIKE schemagate.cheat_away INCLUDING ALL); INSERT INTO ${ledger} SELECT * FROM cheat`,
  'another schema in its place': `ALTER SCHEMA schemagate RENAME TO cheat; CREATE SCHEMA schemagate;
    CREATE TABLE ${ledger} (LIKE cheat.schema_migrations INCLUDING ALL); INSERT INTO ${ledger} SELECT * FROM cheat.schema_migrations`,
  'its end': `DROP TABLE ${ledger}`,
  'the end of its schema': 'DROP SCHEMA schemagate CASCADE',
  'a child of it': `CREATE TABLE cheat () INHERITS (${ledger})`,
  'a foreign key to it': `CREATE TABLE cheat (v text REFERENCES ${ledger} ON DELETE CASCADE)`,
  'a column of another type': `ALTER TABLE ${ledger} ALTER COLUMN version TYPE numeric USING version::numeric`,
  'another owner of its schema': `CREATE ROLE cheat_{name}; ALTER SCHEMA schemagate OWNER TO cheat_{name}`,
  'another owner of its table': `CREATE ROLE cheat_{name}; ALTER TABLE ${ledger} OWNER TO cheat_{name}`,
  'an index on an expression': `CREATE INDEX cheat ON ${ledger} ((version || '1'))`,
  'statistics of an expression': `CREATE STATISTICS cheat ON (version || '1') FROM ${ledger}`,
  'an index on an expression in a DO block': `DO $$BEGIN CREATE INDEX cheat ON ${ledger} ((version || '1')); END$$`,
  'a child of it in a DO block': `DO $$BEGIN CREATE TABLE cheat () INHERITS (${ledger}); END$$`,
  'a foreign key to it in a DO block': `DO $$BEGIN CREATE TABLE cheat (v text REFERENCES ${ledger}); END$$`,
  'a default in a DO block': `DO $$BEGIN ALTER TABLE ${ledger} ALTER COLUMN state SET DEFAULT 'x' || now(); END$$`,
  'a policy in a DO block': `DO $$BEGIN CREATE POLICY cheat ON ${ledger} USING (false); END$$`,
  'a check in a DO block': `DO $$BEGIN ALTER TABLE ${ledger} ADD CHECK (version::int > random()); END$$`,
  'row level security': `CREATE POLICY cheat ON ${ledger} USING (false); ALTER TABLE ${ledger} ENABLE ROW LEVEL SECURITY`,
  'the end of the lock holder': `DO $$BEGIN PERFORM pg_terminate_backend(pid) FROM ${locks}; PERFORM pg_sleep(0.1); END$$`,
  'the end of the lock holder, and its lock for itself': `DO $$DECLARE held record; BEGIN
    FOR held IN SELECT pid, (classid::bigint << 32) | objid::bigint AS key FROM ${locks} LOOP
      PERFORM pg_terminate_backend(held.pid, 5000), pg_try_advisory_xact_lock(held.key); END LOOP; END$$`,
  'the end of its own session': 'SELECT pg_terminate_backend(pg_backend_pid())',
  ...Object.fromEntries(
    Object.values(fenceStates).map((state) => [
      `an error with the code ${state}`,
      `DO $$BEGIN RAISE EXCEPTION 'mine' USING ERRCODE = '${state}'; END$$`,
    ]),
  ),
}

/** Each is without effect: the file is applied and recorded, the ledger as it should be. */
export const idleCheats: Readonly<Record<string, string>> = {
  'all session locks let go': 'SELECT pg_advisory_unlock_all()',
  'a look for the lock': `SELECT pg_try_advisory_xact_lock((classid::bigint << 32) | objid::bigint) FROM ${locks}`,
  'a role put on': 'SET ROLE pg_monitor',
  'settings of the session': `SET session_replication_role = replica; SET search_path = pg_temp; SET statement_timeout = '1ms'`,
  'a listener': 'LISTEN cheat; NOTIFY cheat',
  'a cursor that edits at COMMIT': `${editing('cheat')} DECLARE cheat CURSOR WITH HOLD FOR SELECT cheat()`,
  'a temporary table in the way': `CREATE TEMP TABLE schema_migrations (version int); CREATE TEMP TABLE pg_locks (pid int)`,
  'a subtransaction that was rolled back': `DO $$BEGIN ${edit}; RAISE EXCEPTION 'x'; EXCEPTION WHEN OTHERS THEN NULL; END$$`,
  'statistics of the whole database': 'ANALYZE',
  'a comment in a DO block': `DO $$BEGIN COMMENT ON TABLE ${ledger} IS 'x'; END$$`,
  'a grant to who reads the ledger': `GRANT SELECT ON ${ledger} TO pg_monitor`,
}

export type Plot = {
  readonly name: string
  /** The number of the file that cheats, from 2. */
  readonly at: number
  readonly files: Files
  /** The same file without what is refused; undefined where the cheat is idle. */
  readonly honest: Files | undefined
}

/** Puts one of the cheats, by chance, somewhere into a history of effectsHistory(). `next` yields numbers from 0 to 1. */
export const plotOf = (history: Files, database: string, next: () => number): Plot => {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  const files = Object.keys(history).sort()
  const at = 2 + Math.floor(next() * (files.length - 1))
  const file = files[at - 1] ?? ''
  const effect = String(history[file])
  const [name, text] = pick([...Object.entries(refusedCheats), ...Object.entries(idleCheats)])
  const cheat = text.replaceAll('{name}', database)
  const isRefused = name in refusedCheats
  const isOneStatement = !cheat.replaceAll(/\$\$.*?\$\$/gs, '').includes(';')
  const inFront = (what: string): string => `${what};\n${effect}`
  const behind = (what: string): string => `${effect}${what};\n`
  // What the first part did stays, and cannot be edited any more: only the one statement behind it can.
  const apart = (what: string): string => `BEGIN;\n${effect}COMMIT;\n${what};\n`
  const put = cheat.startsWith('--')
    ? inFront
    : pick([behind, ...(isRefused ? [inFront] : []), ...(isOneStatement ? [apart] : [])])
  const first = {
    [files[0] ?? '']: `CREATE TABLE prey (id int);\n${String(history[files[0] ?? ''])}`,
  }
  return {
    name: `${name}, ${put.name}`,
    at,
    files: { ...first, [file]: put(cheat) },
    honest: isRefused ? { [file]: put('SELECT 1') } : undefined,
  }
}
