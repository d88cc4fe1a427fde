// The tools whose folders are read as they are, by the names that MIGRATIONS_DIALECT takes.

export const dialectNames = [
  ...['golang-migrate', 'goose', 'dbmate', 'prisma', 'sqlx', 'diesel', 'supabase'],
  ...['node-pg-migrate', 'drizzle', 'tern', 'sql-migrate', 'hasura'],
  ...['flyway', 'atlas', 'graphile-migrate', 'pop', 'liquibase', 'sqitch'],
] as const

/** `auto`: what the folder shows. */
export const dialectChoices = ['auto', 'schemagate', ...dialectNames] as const

export type DialectName = (typeof dialectNames)[number]
export type DialectChoice = (typeof dialectChoices)[number]
