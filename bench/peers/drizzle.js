// https://orm.drizzle.team/docs/migrations, option 4: the migrations run from the program.

import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

const client = postgres(process.env.DATABASE_URL, { max: 1, onnotice: () => undefined })
await migrate(drizzle(client), { migrationsFolder: process.argv[2] })
await client.end()
