// The history that every runner gets: small migrations of one statement, of the kinds that services write every week.

export type Step = { readonly number: number; readonly name: string; readonly sql: string }

export const history = (count: number): readonly Step[] =>
  Array.from({ length: count }, (_, at) => step(at + 1))

const step = (number: number): Step => {
  const table = `item_${Math.ceil(number / 5)}`
  const kinds = [
    {
      name: `create_${table}`,
      sql: `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL, price numeric(12, 2))`,
    },
    { name: `${table}_state`, sql: `ALTER TABLE ${table} ADD COLUMN state text DEFAULT 'new'` },
    { name: `${table}_by_title`, sql: `CREATE INDEX ${table}_by_title ON ${table} (title)` },
    {
      name: `${table}_price`,
      sql: `ALTER TABLE ${table} ADD CONSTRAINT ${table}_price_check CHECK (price >= 0)`,
    },
    { name: `${table}_seed`, sql: `INSERT INTO ${table} (title) VALUES ('first'), ('second')` },
  ] as const
  const { name, sql } = kinds[((number - 1) % 5) as 0 | 1 | 2 | 3 | 4]
  return { number, name, sql: `${sql};\n` }
}

/** How many tables the whole of it makes: what a database must have when all is applied. */
export const tablesOf = (count: number): number => Math.ceil(count / 5)
