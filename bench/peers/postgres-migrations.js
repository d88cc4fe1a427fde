// Its README's function; with a client, as it is meant where the database is there already.

import pg from 'pg'
import { migrate } from 'postgres-migrations'

const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
await migrate({ client }, process.argv[2])
await client.end()
