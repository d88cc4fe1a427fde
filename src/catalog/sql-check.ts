// Fingerprints and verifications that a file gives as SQL: one boolean each, asked on the server.

import { literal } from '../database/literal.ts'
import { setOwnPath } from '../database/own-sql.ts'
import { noDataFound, passingInSql, tooManyRows } from '../errors/server/sqlstate.ts'

/** Must follow ownPath. PL/pgSQL that leaves [{id, value} or {id, error}] in `answered`. */
export const checksStatement = (checks: readonly string[], verdict: string): string =>
  `DO ${literal(`DECLARE
  given jsonb := ${literal(JSON.stringify(checks.map((sql, id) => ({ id, sql }))))}::jsonb;
  answered jsonb := '[]';
  item record;
  query text;
  found json;
  answer jsonb;
  columns int;
BEGIN
  FOR item IN SELECT x.id, x.sql FROM pg_catalog.jsonb_to_recordset(given) AS x(id int, sql text) ORDER BY x.id LOOP
    BEGIN
      -- json and not jsonb, which keeps one of two columns of one name; the alias must be no column's name.
      query := 'SELECT pg_catalog.row_to_json(schemagate_row) FROM (' || item.sql || E'\\n) schemagate_row';
      -- The query of a file is read as its statements are, in the search path of the login role; our own SQL is not.
      SET LOCAL search_path TO DEFAULT;
      EXECUTE query INTO STRICT found;
      PERFORM ${setOwnPath};
      SELECT pg_catalog.count(*), pg_catalog.jsonb_agg(value) -> 0 INTO columns, answer FROM pg_catalog.json_each(found);
      IF columns = 1 AND pg_catalog.jsonb_typeof(answer) = 'boolean' THEN
        answered := answered || pg_catalog.jsonb_build_object('id', item.id, 'value', answer);
      ELSE
        answered := answered || pg_catalog.jsonb_build_object('id', item.id, 'error',
          CASE WHEN columns = 1 THEN 'it returned ' || answer::text ELSE 'it returned ' || columns || ' columns' END || ', not true or false');
      END IF;
    -- What failed has taken its setting of the path back.
    EXCEPTION WHEN OTHERS THEN
      IF pg_catalog.left(SQLSTATE, 2) IN (${passingInSql}) THEN RAISE; END IF;
      answered := answered || pg_catalog.jsonb_build_object('id', item.id, 'error', CASE SQLSTATE
        WHEN '${noDataFound}' THEN 'it returned no row' WHEN '${tooManyRows}' THEN 'it returned more than one row'
        ELSE 'SQLSTATE ' || SQLSTATE || ': ' || SQLERRM END);
    END;
  END LOOP;
${verdict}
END`)}`
