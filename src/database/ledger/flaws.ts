// What our ledger never has, as SQL over the catalog: `n` is its schema in pg_namespace, `c` its table in pg_class, NULL
// where there is none. What we make ourselves is known by its text, which the server writes with a schema in front of every name
// that is not its own; anything else that holds an expression may call somebody's function. Columns of later and earlier versions
// of schemagate are none of the flaws: a column of a built-in type, without a default or with a constant one, runs nothing.

import { literal } from '../literal.ts'

export type Flaw = {
  /** Of the columns of `n` and `c` alone. */
  readonly gate?: string
  /** FROM and WHERE of what is searched for where the gate is true; the flaw is there when a row is. */
  readonly from?: string
  /** Can be put on the table without any lock that those who change rows, or the table itself, hold. */
  readonly isUnlocked?: true
  /** What is wrong, and the SQL that puts it right: the arguments of format(), over `n`, `c` and `from`. */
  readonly what: string
  readonly cure: string
}

/** `migrationRole` may own them, as the login role and superusers may. */
export const flaws = (migrationRole: string | undefined): readonly Flaw[] => [
  ...owners(migrationRole),
  ...contents,
]

const table = '%I.%I'
const tableName = 'n.nspname, c.relname'
// Whatever it is, and without removing anything.
const putAside = `'ALTER TABLE ${table} RENAME TO %I;', ${tableName}, c.relname || '_not_ours'`

const owners = (migrationRole: string | undefined): readonly Flaw[] => {
  const names = ['session_user', ...(migrationRole === undefined ? [] : [literal(migrationRole)])]
  const isForeign = (owner: string): string =>
    `NOT (pg_catalog.pg_get_userbyid(${owner}) IN (${names.join(', ')})
      OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = ${owner}))`
  // Logins come and go; the role stays.
  const heir = migrationRole === undefined ? 'session_user' : literal(migrationRole)
  // That of the schema public is whoever owns the database.
  const schemaOwner = `CASE WHEN pg_catalog.pg_get_userbyid(n.nspowner) = 'pg_database_owner'
      THEN (SELECT b.datdba FROM pg_catalog.pg_database b WHERE b.datname = pg_catalog.current_database()) ELSE n.nspowner END`
  return [
    {
      gate: isForeign(`(${schemaOwner})`),
      isUnlocked: true,
      what: `'the schema %s belongs to %s', n.nspname, pg_catalog.pg_get_userbyid(${schemaOwner})`,
      cure: `'ALTER SCHEMA %I OWNER TO %I;', n.nspname, ${heir}`,
    },
    {
      gate: isForeign('c.relowner'),
      what: `'%s belongs to %s', c.relname, pg_catalog.pg_get_userbyid(c.relowner)`,
      cure: `'ALTER TABLE ${table} OWNER TO %I;', ${tableName}, ${heir}`,
    },
  ]
}

// OIDs from here on are those of what was made after initdb. https://www.postgresql.org/docs/current/system-catalog-initial-data.html
const firstNotBuiltIn = 16384

const checkOf = (states: readonly string[]): string =>
  `CHECK ((state = ANY (ARRAY[${states.map((each) => `'${each}'::text`).join(', ')}])))`

const ourChecks = [checkOf(['applied', 'reconciled', 'running']), checkOf(['running', 'done'])]
const ourDefaults = ['0', '1', 'clock_timestamp()', 'SESSION_USER']

const list = (texts: readonly string[]): string => texts.map(literal).join(', ')

const ofOther = (catalog: string, column: string): string =>
  `(SELECT o.${column} FROM pg_catalog.${catalog} o WHERE o.oid =`

const contents: readonly Flaw[] = [
  {
    gate: `(c.relkind <> 'r' OR c.relpersistence <> 'p' OR c.reloftype <> 0)`,
    what: `'%s is not an ordinary table', c.relname`,
    cure: putAside,
  },
  {
    gate: 'c.relhastriggers',
    from: 'pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal',
    what: `'%s has the trigger %s', c.relname, t.tgname`,
    cure: `'DROP TRIGGER %I ON ${table};', t.tgname, ${tableName}`,
  },
  {
    gate: 'c.relhastriggers',
    from: 'pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgisinternal',
    what: `'a foreign key leads from %s to %s', t.tgconstrrelid::pg_catalog.regclass, c.relname`,
    cure: `'ALTER TABLE %s DROP CONSTRAINT %I;', t.tgconstrrelid::pg_catalog.regclass, ${ofOther('pg_constraint', 'conname')} t.tgconstraint)`,
  },
  {
    gate: `c.relhasrules AND c.relkind = 'r'`,
    from: 'pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid',
    what: `'%s has the rule %s', c.relname, r.rulename`,
    cure: `'DROP RULE %I ON ${table};', r.rulename, ${tableName}`,
  },
  {
    gate: 'c.relrowsecurity',
    from: 'pg_catalog.pg_policy p WHERE p.polrelid = c.oid',
    what: `'%s has the policy %s', c.relname, p.polname`,
    cure: `'DROP POLICY %I ON ${table};', p.polname, ${tableName}`,
  },
  {
    gate: 'c.relrowsecurity AND c.relforcerowsecurity AND pg_catalog.row_security_active(c.oid)',
    what: `'%s has FORCE ROW LEVEL SECURITY (an event trigger may have put it on), which hides its rows from its owner too', c.relname`,
    cure: `'ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;', ${tableName}`,
  },
  {
    gate: 'c.relrowsecurity AND NOT c.relforcerowsecurity AND pg_catalog.row_security_active(c.oid)',
    what: `'%s has row level security, which hides its rows from %s', c.relname, session_user`,
    cure: `'ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY;', ${tableName}`,
  },
  {
    from: 'pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid OR i.inhparent = c.oid',
    isUnlocked: true,
    what: `'%s is a child of %s', i.inhrelid::pg_catalog.regclass, i.inhparent::pg_catalog.regclass`,
    cure: `CASE WHEN c.relispartition THEN 'ALTER TABLE %2$s DETACH PARTITION %1$s;' ELSE 'ALTER TABLE %1$s NO INHERIT %2$s;' END,
      i.inhrelid::pg_catalog.regclass, i.inhparent::pg_catalog.regclass`,
  },
  {
    from: `pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.atttypid >= ${firstNotBuiltIn} OR a.attcollation >= ${firstNotBuiltIn} OR a.attgenerated <> '' OR a.attidentity <> '')`,
    what: `'the column %s of %s has a type or an expression that is not built in', a.attname, c.relname`,
    cure: putAside,
  },
  {
    from: `pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid AND NOT pg_catalog.starts_with(d.adbin::text, '{CONST ')
      AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) NOT IN (${list(ourDefaults)})`,
    what: `'%s has the default %s', c.relname, pg_catalog.pg_get_expr(d.adbin, d.adrelid)`,
    cure: `'ALTER TABLE ${table} ALTER COLUMN %I DROP DEFAULT;', ${tableName},
      (SELECT o.attname FROM pg_catalog.pg_attribute o WHERE o.attrelid = c.oid AND o.attnum = d.adnum)`,
  },
  {
    // Keys, NOT NULL and constraint triggers have no expression of their own.
    from: `pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype NOT IN ('p', 'u', 'n', 't')
      AND pg_catalog.pg_get_constraintdef(k.oid) NOT IN (${list(ourChecks)})`,
    what: `'%s has the constraint %s', c.relname, k.conname`,
    cure: `'ALTER TABLE ${table} DROP CONSTRAINT %I;', ${tableName}, k.conname`,
  },
  {
    from: `pg_catalog.pg_index x WHERE x.indrelid = c.oid
      AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL OR ${firstNotBuiltIn} <= ANY (x.indclass::pg_catalog.oid[]))`,
    isUnlocked: true,
    what: `'%s has the index %s', c.relname, ${ofOther('pg_class', 'relname')} x.indexrelid)`,
    cure: `'DROP INDEX ${table};', n.nspname, ${ofOther('pg_class', 'relname')} x.indexrelid)`,
  },
  {
    from: 'pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid AND s.stxexprs IS NOT NULL',
    isUnlocked: true,
    what: `'%s has the statistics %s', c.relname, s.stxname`,
    cure: `'DROP STATISTICS %I.%I;', ${ofOther('pg_namespace', 'nspname')} s.stxnamespace), s.stxname`,
  },
]
