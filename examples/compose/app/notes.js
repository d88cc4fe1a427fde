// GET /notes lists them, POST /notes adds one. It has no code for the schema: when it starts, the schema is there.

const { createServer } = require('node:http')
const postgres = require('postgres')

const sql = postgres(process.env.DATABASE_URL, { max: 5, onnotice: () => {} })

const answer = async (request) => {
  if (request.url !== '/notes') return [404, { error: 'try /notes' }]
  if (request.method === 'GET')
    return [200, await sql`SELECT * FROM notes ORDER BY written_at LIMIT 100`]
  if (request.method !== 'POST') return [405, { error: 'GET or POST' }]
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  let text
  try {
    ;({ text } = JSON.parse(Buffer.concat(chunks).toString()))
  } catch {
    return [400, { error: 'the body is not JSON' }]
  }
  if (typeof text !== 'string') return [400, { error: 'text is missing' }]
  const [note] = await sql`INSERT INTO notes (text) VALUES (${text}) RETURNING *`
  return [201, note]
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => {
    console.error(error)
    return [500, { error: 'see the log' }]
  })
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})

server.listen(8080)
process.once('SIGTERM', () => {
  server.close()
  void sql.end({ timeout: 5 })
})
