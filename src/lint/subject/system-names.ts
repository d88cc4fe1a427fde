/** A name of PostgreSQL's own, as a file writes it: with its schema or without. */
export const isSystem = (schema: string | undefined, name: string): boolean =>
  schema === 'pg_catalog' ||
  schema === 'information_schema' ||
  (schema === undefined && name.startsWith('pg_'))
