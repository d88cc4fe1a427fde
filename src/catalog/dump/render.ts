// A dump as one text, and what psql and the gate must know before they read it.

import type { DumpedObject } from './paragraphs.ts'

// Without a version and without a date, so that the text changes only when the schema does.
const header = `-- The schema of a PostgreSQL database, as "schemagate schema dump" reads it from the catalog.
-- It loads into an empty database: psql --set=ON_ERROR_STOP=1 --single-transaction --file=FILE

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = off;
SET client_min_messages = warning;
SET row_security = off;
SET xmloption = content;
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = postgres;
SET TimeZone = 'UTC';
SET default_tablespace = '';
SET default_table_access_method = heap;
SELECT pg_catalog.set_config('search_path', '', false);
`

export const renderDump = (objects: readonly DumpedObject[]): string =>
  [header, ...objects.map(({ sql }) => `${sql}\n`)].join('\n')

/** A dump as a file has it, whatever an editor or git made of its line ends. */
export const readDump = (text: string): string =>
  `${text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd()}\n`
