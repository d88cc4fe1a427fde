// What a comparison puts into the server's own words: types, expressions, defaults and queries, by EXPLAIN, and what else only
// the catalog knows (the columns of a key, a default collation, the labels of a type). PL/pgSQL of comparison.ts, which has the
// variables.

import { setOwnPath } from '../../database/own-sql.ts'
import { insufficientPrivilege, passingInSql } from '../../errors/server/sqlstate.ts'

/**
 * What a missing privilege means: for recognising, that nothing is known, so it is raised; for what a migration has
 * just made, that only its being there is looked at.
 */
export type WhenDenied = 'raise' | 'pass'

const overRows = (aliases: string): string =>
  `' FROM ' || (SELECT pg_catalog.string_agg('pg_catalog.json_populate_recordset(NULL::' || (head ->> 'on') || ', ''[]'') AS ' || a, ', ')
    FROM pg_catalog.unnest(${aliases}) a)`

const ownName = `ARRAY[pg_catalog.quote_ident((SELECT i[pg_catalog.array_upper(i, 1)] FROM pg_catalog.parse_ident(head ->> 'on') i))]`

// The catalog's side has a column's bare name.
const inIndex = (output: string): string =>
  `CASE WHEN ${output} ~ '^[a-z_][a-z0-9_$]*$' THEN ${output}
    WHEN ${output} ~ '^"([^"]|"")+"$' THEN pg_catalog.replace(pg_catalog.substr(${output}, 2, pg_catalog.length(${output}) - 2), '""', '"')
    ELSE '(' || (${output}) || ')' END`

// Where the type has these labels, and others only of the added, these stand for all that it has.
const labels = `SELECT CASE WHEN coalesce(pg_catalog.array_agg(e.enumlabel::pg_catalog.text ORDER BY e.enumsortorder)
            FILTER (WHERE NOT head -> 'added' ? e.enumlabel::pg_catalog.text), '{}')
          = ARRAY(SELECT l FROM pg_catalog.jsonb_array_elements_text(head -> 'l') WITH ORDINALITY x(l, at) ORDER BY at)
          THEN coalesce(pg_catalog.string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder), '') ELSE head ->> 'words' END INTO word
        FROM pg_catalog.pg_enum e WHERE e.enumtypid = (head ->> 'on')::pg_catalog.regtype;`

// What is an item of such a SELECT.
const isShort = `t.part ?| '{t,e,d}'`

// The item.
const asked = `CASE
  WHEN p.part ? 't' THEN 'NULL::' || (p.part ->> 't')
  WHEN p.part ? 'd' OR p.part ? 's' THEN 'CAST((' || CASE
      WHEN p.part ? 's' THEN 'pg_catalog.nextval(' || pg_catalog.quote_literal(
        pg_catalog.pg_get_serial_sequence(p.part ->> 'on', p.part ->> 'column')) || '::pg_catalog.regclass)'
      ELSE coalesce(p.part ->> 'd', 'NULL') END || ') AS ' || (
    SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = (p.part ->> 'on')::regclass AND a.attname = p.part ->> 'column') || ')'
  ELSE '(' || coalesce(p.part ->> 'w', p.part ->> 'e') || ')' END`

const answered = `CASE WHEN p.part ? 'q' OR plan -> 'Plans' IS NOT NULL THEN plan::text
  WHEN p.part ? 't' THEN regexp_replace(output, '^NULL::', '')
  WHEN p.part ? 'd' AND output LIKE 'NULL::%' THEN 'no default'
  WHEN p.part ? 'in' THEN ${inIndex('output')}
  ELSE coalesce(output, '') END`

// The types and the expressions over one table are planned as one SELECT first; where one of them cannot be planned, or has a
// plan below its own, each is planned by itself in the second pass.
// An error is an answer too: the SQL stands for itself then, so that only what is written alike compares as equal. But
// what passes by itself (a lock that is held, a shutdown) is raised. Only the file's own words are read in the file's path; what
// fails there has taken the path back.
/** PL/pgSQL that leaves the words of what is in `to_translate` in `part_keys` and `part_words`, except of what is `unplannable`. */
export const translate = (denied: WhenDenied): string => `
  FOR pass IN 0..1 LOOP
  FOR item IN SELECT t.path, array_agg(t.key) AS keys, array_agg(t.part) AS parts
    FROM (SELECT x.key, x.path, CASE WHEN x.key = ANY (unplannable) THEN jsonb_build_object('r', x.part -> 't') ELSE x.part END AS part
      FROM jsonb_to_recordset(to_translate) AS x(key text, path text, part jsonb) WHERE x.key <> ALL (unplannable) OR x.part ? 't') t
    WHERE t.key <> ALL (part_keys) GROUP BY t.path, CASE WHEN pass = 0 AND ${isShort} THEN coalesce(t.part ->> 'on', '') ELSE t.key END
  LOOP
    head := item.parts[1];
    answers := NULL;
    BEGIN
      IF head ? 'pk' THEN
        SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY k.ord) INTO STRICT word FROM pg_catalog.pg_constraint c,
          pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, ord), pg_catalog.pg_attribute a
          WHERE c.conrelid = (head ->> 'pk')::regclass AND c.contype = 'p' AND a.attrelid = c.conrelid AND a.attnum = k.num;
      ELSIF head ? 'r' THEN
        query := head ->> 'r';
        PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
        word := query::pg_catalog.regtype::pg_catalog.text;
        PERFORM ${setOwnPath};
      ELSIF head ? 'co' THEN
        SELECT CASE WHEN count(*) > 0 THEN '' ELSE ' COLLATE ' || (head ->> 'co') END INTO word FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation WHERE a.attrelid = (head ->> 'on')::pg_catalog.regclass
            AND a.attname = head ->> 'column' AND o.collname = head ->> 'co';
      ELSIF head ? 'l' THEN
        ${labels}
      ELSIF head ? 'oc' THEN
        SELECT CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END INTO STRICT word FROM pg_catalog.pg_opclass o
          JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = head ->> 'am'
          WHERE o.opcname = head ->> 'oc' LIMIT 1;
      ELSE
        query := 'EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ' || CASE WHEN head ? 'q' THEN head ->> 'q'
          ELSE 'SELECT ' || (SELECT string_agg(${asked}, ', ' ORDER BY at) FROM unnest(item.parts) WITH ORDINALITY p(part, at))
            || CASE WHEN head ? 't' THEN '' WHEN head ? 'w' THEN ${overRows(`ARRAY['old', 'new']`)} ELSE ${overRows(ownName)} END END;
        PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
        EXECUTE query INTO plan;
        PERFORM ${setOwnPath};
        plan := plan -> 0 -> 'Plan';
        answers := ARRAY(SELECT ${answered} FROM unnest(item.parts) WITH ORDINALITY p(part, at), LATERAL (SELECT plan -> 'Output' ->> (at - 1)::int) o(output) ORDER BY at);
        CONTINUE WHEN cardinality(answers) > 1 AND (plan -> 'Plans' IS NOT NULL OR json_array_length(plan -> 'Output') <> cardinality(answers));
      END IF;
    EXCEPTION WHEN OTHERS THEN
      IF left(SQLSTATE, 2) IN (${passingInSql}) THEN RAISE; END IF;
      CONTINUE WHEN cardinality(item.keys) > 1;
      ${denied === 'raise' ? `IF SQLSTATE = '${insufficientPrivilege}' THEN RAISE; END IF;` : ''}
      word := CASE WHEN SQLSTATE = '${insufficientPrivilege}' THEN '(no privilege to compare it)' END;
      word := coalesce(word, head ->> 't', head ->> 'r', head ->> 'e', head ->> 'd', head ->> 'q', head ->> 'w',
        ' ' || (head ->> 'oc'), head ->> 'words', CASE WHEN head ? 's' THEN 'nextval() of a sequence of its own' END, '(' || SQLERRM || ')');
    END;
    part_keys := part_keys || item.keys;
    part_words := part_words || coalesce(answers, ARRAY[coalesce(word, '')]);
  END LOOP;
  END LOOP;`
