// What an operator does to a database between two deploys: drops an index, adds a column, renames, changes a default, or makes what
// a later file is going to make. Chosen among what the database has.

import type { TestDatabase } from './database.ts'

export type Hand = {
  readonly numbers: readonly number[]
  /** That are still to come. */
  readonly files: readonly string[]
}

const ofTables = `FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'done'`
const ofColumns = `FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'done'`

const deeds: readonly string[] = [
  `SELECT format('DROP INDEX public.%I', c.relname) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)`,
  `SELECT format('ALTER TABLE public.%I ADD COLUMN by_hand int', c.relname) ${ofTables}`,
  `SELECT format('ALTER TABLE public.%I RENAME TO by_hand', c.relname) ${ofTables}`,
  `SELECT format('ALTER TABLE public.%I RENAME COLUMN %I TO by_hand', c.relname, a.attname) ${ofColumns}`,
  `SELECT format('ALTER TABLE public.%I ALTER COLUMN %I DROP DEFAULT', c.relname, a.attname) ${ofColumns} AND a.atthasdef`,
  `SELECT format('ALTER TABLE public.%I ALTER COLUMN %I SET DEFAULT 77', c.relname, a.attname) ${ofColumns} AND a.atttypid = 'int4'::regtype`,
  `SELECT format('ALTER TABLE public.%I DROP CONSTRAINT %I', c.relname, k.conname) ${ofTables.replace(' WHERE', " JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('c', 'f', 'u') WHERE")}`,
  `SELECT format('ALTER TABLE public.%I DROP COLUMN %I', c.relname, a.attname) ${ofColumns}`,
  `SELECT format('DROP FUNCTION public.%I()', p.proname) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace`,
]

/** What was done, as SQL; '' where there was nothing to do. With a row in every table that takes one. */
export const handMade = async (
  { sql }: TestDatabase,
  { numbers, files }: Hand,
): Promise<string> => {
  const [kind = 0, which = 0] = numbers
  await sql.unsafe(`DO $$ DECLARE name text; BEGIN FOR name IN SELECT c.relname ${ofTables} LOOP
    -- At once, also what a key defers to the end.
    BEGIN EXECUTE format('INSERT INTO public.%I DEFAULT VALUES', name); SET CONSTRAINTS ALL IMMEDIATE;
    EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP; END $$`)
  const later = files
    .flatMap((text) => text.split(';\n'))
    .filter((each) => /^(CREATE (TABLE|INDEX|UNIQUE|TYPE|DOMAIN)|ALTER TABLE \w+ ADD )/.test(each))
  const at = kind % (deeds.length + 3)
  const query = deeds[at]
  const found =
    query === undefined
      ? later
      : (await sql.unsafe(`${query} ORDER BY 1`)).map((row) => String(row['format']))
  // Many a database nobody has touched.
  const deed = at === deeds.length + 2 ? undefined : found[which % Math.max(1, found.length)]
  if (deed === undefined) return ''
  try {
    await sql.unsafe(deed)
    return deed
  } catch {
    return ''
  }
}
