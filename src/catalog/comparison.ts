// One DO block that compares what files define with what the catalog has, on the server itself. Both sides are brought
// into the server's own words: it plans `SELECT <expression>` over the table's row type and shows it by EXPLAIN, which
// canonicalises types, casts, IN lists and names without creating or reading anything. So it runs in a read-only
// transaction, needs no privilege on the tables, and no more than a moment's ACCESS SHARE lock.
// https://www.postgresql.org/docs/current/sql-explain.html

import { identifier, literal } from '../database/literal.ts'
import { setOwnPath } from '../database/own-sql.ts'
import type { ObjectKind } from '../effects/effect.ts'
import { foundElsewhere } from './found-elsewhere.ts'
import { foundInTables } from './found.ts'
import type { Probe } from './probe.ts'

/**
 * What a missing privilege means: for recognising, that nothing can be told, so it is raised; for what a migration has
 * just made, that only its being there is looked at.
 */
export type WhenDenied = 'raise' | 'pass'

/** To stand behind ownPath. `verdict` is PL/pgSQL that finds the result in `compared`: [{id, found, expected: [text], matches: [index]}]. */
export const comparison = (
  probes: readonly Probe[],
  verdict: string,
  denied: WhenDenied,
): string => {
  const kinds = new Set(probes.map(({ object }) => object.kind))
  const objects = [...kinds].map((kind) => sources[kind])
  return `DO ${literal(`DECLARE
  given jsonb := ${literal(JSON.stringify(probes.map(rowOf)))}::jsonb;
  own_path text;
  function_probes int[] := '{}';
  function_oids oid[] := '{}';
  function_oid oid;
  in_catalog jsonb;
  part_keys text[] := '{}';
  part_words text[] := '{}';
  item record;
  word text;
  question text;
  plan json;
  compared jsonb;
BEGIN
  SET LOCAL search_path TO DEFAULT;
  own_path := pg_catalog.current_setting('search_path');
  PERFORM ${setOwnPath};
  -- Nine tenths of the time would go to planning: to machine code for lists that look long, and to the order of joins that
  -- are written in the right one.
  PERFORM pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('join_collapse_limit', '1', true);
${kinds.has('function') ? findFunctions : ''}
  WITH probes AS (SELECT * FROM jsonb_to_recordset(given) AS x(id int, kind text, schema text, tab text, name text,
    facet text, alternates boolean, on_table text, of_key boolean, added_labels jsonb)),
  objects(id, alt, parts) AS (${[...new Set(objects)].join('\nUNION ALL')})
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'alt', alt, 'parts', parts)), '[]') INTO in_catalog
    FROM objects WHERE parts IS NOT NULL AND parts <> '[null]';
${translate(denied)}
${compare}
${verdict}
END`)}`
}

const { relations } = foundInTables

const sources: Readonly<Record<ObjectKind, string>> = {
  table: relations,
  view: relations,
  'materialized view': relations,
  sequence: relations,
  column: foundInTables.columns,
  index: foundInTables.indexes,
  constraint: foundInTables.constraints,
  type: foundElsewhere.types,
  function: foundElsewhere.functions,
  trigger: foundElsewhere.triggers,
  policy: foundElsewhere.policies,
  schema: foundElsewhere.schemas,
  extension: foundElsewhere.extensions,
}

const rowOf = (probe: Probe, id: number): Readonly<Record<string, unknown>> => {
  const { object, facet, named, on, ofKey, addedLabels, candidates, accepts } = probe
  return {
    id,
    kind: object.kind,
    schema: object.schema,
    tab: object.table,
    name: object.name,
    facet,
    alternates: named === 'by server',
    on_table: on?.name,
    of_key: ofKey,
    added_labels: addedLabels,
    candidates,
    accepts,
    ...(object.kind === 'function'
      ? {
          signature: signatureOf(object),
          paths: [...candidates.map(({ path }) => path), undefined],
        }
      : {}),
  }
}

const signatureOf = ({ schema, name }: Probe['object']): string => {
  const bracket = name.indexOf('(')
  return `${identifier(schema)}.${identifier(name.slice(0, bracket))}${name.slice(bracket)}`
}

// One by one: before PostgreSQL 16 an argument type that is not there is an error. A type without a schema is looked for in
// the search path of the file that says it.
const findFunctions = `
  FOR item IN SELECT x.id, x.signature, p.path
    FROM pg_catalog.jsonb_to_recordset(given) AS x(id int, kind text, signature text, paths jsonb),
      pg_catalog.jsonb_array_elements_text(x.paths) WITH ORDINALITY p(path, at)
    WHERE x.kind = 'function' ORDER BY x.id, p.at
  LOOP
    CONTINUE WHEN item.id = ANY (function_probes);
    BEGIN
      PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
      function_oid := pg_catalog.to_regprocedure(item.signature)::pg_catalog.oid;
      PERFORM ${setOwnPath};
      CONTINUE WHEN function_oid IS NULL;
      function_oids := function_oids || function_oid;
      function_probes := function_probes || item.id;
    EXCEPTION WHEN OTHERS THEN
      NULL;
    END;
  END LOOP;`

// Both sides of every comparison, each read in the search path of the candidate: a name says the same then.
const readings = `
  had AS (SELECT f.id, f.alt, f.parts, row_number() OVER () AS f FROM jsonb_to_recordset(in_catalog) AS f(id int, alt boolean, parts jsonb)),
  candidates AS (SELECT x.id, c.n, c.candidate ->> 'path' AS path, c.candidate -> 'parts' AS parts
    FROM jsonb_to_recordset(given) AS x(id int, candidates jsonb), jsonb_array_elements(x.candidates) WITH ORDINALITY c(candidate, n)),
  same AS (SELECT DISTINCT c.id, c.n FROM candidates c JOIN had ON had.id = c.id AND had.parts = c.parts),
  asked AS (SELECT c.* FROM candidates c WHERE (c.id, c.n) NOT IN (SELECT s.id, s.n FROM same s)
    UNION ALL SELECT x.id, 0, NULL, '[]' FROM jsonb_to_recordset(given) AS x(id int))`

const overRows = (aliases: string): string =>
  `' FROM ' || (SELECT pg_catalog.string_agg('pg_catalog.json_populate_recordset(NULL::' || (item.part ->> 'on') || ', ''[]'') AS ' || a, ', ')
    FROM pg_catalog.unnest(${aliases}) a)`

const ownName = `ARRAY[pg_catalog.quote_ident((SELECT i[pg_catalog.array_upper(i, 1)] FROM pg_catalog.parse_ident(item.part ->> 'on') i))]`

// An error is an answer too: the SQL stands for itself then, so that only what is written alike compares as equal. But
// what passes by itself (a lock that is held, a shutdown) is raised. Only the file's own words are read in the file's path; what
// fails there has taken the path back.
const translate = (denied: WhenDenied): string => `
  FOR item IN WITH ${readings}
    SELECT DISTINCT path, part FROM (
      SELECT asked.path, jsonb_array_elements(asked.parts) AS part FROM asked WHERE asked.id IN (SELECT had.id FROM had)
      UNION ALL SELECT asked.path, jsonb_array_elements(had.parts) FROM asked JOIN had USING (id)
        WHERE asked.n > 0 OR asked.id NOT IN (SELECT s.id FROM same s)) u
    WHERE jsonb_typeof(part) = 'object'
  LOOP
    BEGIN
      IF item.part ? 'pk' THEN
        SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY k.ord) INTO STRICT word FROM pg_catalog.pg_constraint c,
          pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, ord), pg_catalog.pg_attribute a
          WHERE c.conrelid = (item.part ->> 'pk')::regclass AND c.contype = 'p' AND a.attrelid = c.conrelid AND a.attnum = k.num;
      ELSIF item.part ? 'r' THEN
        question := item.part ->> 'r';
        PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
        word := question::pg_catalog.regtype::pg_catalog.text;
        PERFORM ${setOwnPath};
      ELSIF item.part ? 'oc' THEN
        SELECT CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END INTO STRICT word FROM pg_catalog.pg_opclass o
          JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = item.part ->> 'am'
          WHERE o.opcname = item.part ->> 'oc' LIMIT 1;
      ELSE
        question := 'EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ' || CASE
          WHEN item.part ? 't' THEN 'SELECT NULL::' || (item.part ->> 't')
          WHEN item.part ? 'q' THEN item.part ->> 'q'
          WHEN item.part ? 'w' THEN 'SELECT (' || (item.part ->> 'w') || ')' || ${overRows(`ARRAY['old', 'new']`)}
          WHEN item.part ? 'd' OR item.part ? 's' THEN 'SELECT CAST((' || CASE
              WHEN item.part ? 's' THEN 'pg_catalog.nextval(' || pg_catalog.quote_literal(
                pg_catalog.pg_get_serial_sequence(item.part ->> 'on', item.part ->> 'column')) || '::pg_catalog.regclass)'
              ELSE coalesce(item.part ->> 'd', 'NULL') END || ') AS ' || (
            SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = (item.part ->> 'on')::regclass AND a.attname = item.part ->> 'column') || ')' || ${overRows(ownName)}
          ELSE 'SELECT (' || (item.part ->> 'e') || ')' || ${overRows(ownName)} END;
        PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
        EXECUTE question INTO plan;
        PERFORM ${setOwnPath};
        plan := plan -> 0 -> 'Plan';
        word := CASE WHEN item.part ? 'q' OR plan -> 'Plans' IS NOT NULL THEN plan::text
          WHEN item.part ? 't' THEN regexp_replace(plan -> 'Output' ->> 0, '^NULL::', '')
          WHEN item.part ? 'd' AND plan -> 'Output' ->> 0 LIKE 'NULL::%' THEN 'no default'
          ELSE plan -> 'Output' ->> 0 END;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      IF left(SQLSTATE, 2) IN ('40', '53', '55', '57', '58', 'XX') THEN RAISE; END IF;
      ${denied === 'raise' ? "IF SQLSTATE = '42501' THEN RAISE; END IF;" : ''}
      word := CASE WHEN SQLSTATE = '42501' THEN '(no privilege to compare it)' END;
      word := coalesce(word, item.part ->> 't', item.part ->> 'r', item.part ->> 'e', item.part ->> 'd', item.part ->> 'q', item.part ->> 'w',
        ' ' || (item.part ->> 'oc'), CASE WHEN item.part ? 's' THEN 'nextval() of a sequence of its own' END, '(' || SQLERRM || ')');
    END;
    part_keys := part_keys || (coalesce(item.path, '(login)') || ' ' || item.part::text);
    part_words := part_words || coalesce(word, '');
  END LOOP;`

// Joined by the part's own text, so that the number of comparisons grows with the parts and not with their square. What was
// not translated, because both sides are written alike, is shown as it is written.
const inWords = (
  side: string,
  path: string,
): string => `LATERAL jsonb_array_elements(${side}.parts) WITH ORDINALITY p(part, at) ON true
    LEFT JOIN known ON jsonb_typeof(p.part) = 'object' AND known.key = coalesce(${path}, '(login)') || ' ' || p.part::text`

const word = `coalesce(known.word, p.part ->> 't', p.part ->> 'r', p.part ->> 'e', p.part ->> 'd', p.part ->> 'q', p.part ->> 'w',
      CASE WHEN jsonb_typeof(p.part) = 'object' AND p.part ? 'd' THEN 'no default' ELSE p.part #>> '{}' END)`

// A query's word is its plan, which tells people nothing: they are shown the query, on one line. An empty definition, such
// as a body without a word, is one too.
const words = `coalesce(string_agg(${word}, '' ORDER BY at), '') AS words,
    coalesce(string_agg(coalesce(btrim(regexp_replace(p.part ->> 'q', '[[:space:]]+', ' ', 'g')), ${word}), '' ORDER BY at), '') AS told`

const compare = `
  WITH ${readings},
  known AS (SELECT * FROM unnest(part_keys, part_words) AS k(key, word)),
  ours AS (SELECT c.id, c.n, ${words} FROM candidates c LEFT JOIN ${inWords('c', 'c.path')} GROUP BY c.id, c.n),
  theirs AS (SELECT asked.id, asked.n, had.alt, had.f, ${words}
    FROM asked JOIN had USING (id) LEFT JOIN ${inWords('had', 'asked.path')} GROUP BY asked.id, asked.n, had.alt, had.f),
  expected AS (SELECT id, jsonb_agg(told ORDER BY n) AS list FROM ours GROUP BY id),
  matching AS (SELECT s.id, s.n FROM same s
    UNION SELECT o.id, o.n FROM ours o JOIN theirs t ON t.id = o.id AND t.n = o.n AND t.words = o.words),
  matches AS (SELECT id, jsonb_agg(n - 1) AS list FROM matching GROUP BY id),
  shown AS (SELECT id, min(told) AS told FROM theirs WHERE n = 0 AND NOT alt GROUP BY id)
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'accepts', x.accepts, 'found', shown.told,
    'expected', coalesce(expected.list, '[]'), 'matches', coalesce(matches.list, '[]')) ORDER BY x.id), '[]') INTO compared
  FROM jsonb_to_recordset(given) AS x(id int, accepts jsonb)
    LEFT JOIN expected USING (id) LEFT JOIN matches USING (id) LEFT JOIN shown USING (id);`
