// The floor that bench/peers.ts measures beside: connect, ask one question, end.

import postgres from 'postgres'

const sql = postgres(process.env['DATABASE_URL'] ?? '', { max: 1, fetch_types: false })
await sql.unsafe('SELECT 1').simple()
await sql.end()
