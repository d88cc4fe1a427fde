// The tools themselves over the same folders, where bench/peers has them installed: the gate makes the same database.

import { expect } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase } from '../support/database.ts'
import { dialectFolders } from '../support/dialect-folders.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { commandOf, hasCommand, withPeers } from '../support/peers.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions
const ofTheTool = / (?:public\.)?(?:schema_migrations|pgmigrations)| drizzle\b/

// Drizzle's of 1.0 has another migrator; installed is the one before.
const withTool = dialectFolders.filter(
  ({ dialect, files }) =>
    hasCommand(dialect) && (dialect !== 'drizzle' || 'meta/_journal.json' in files),
)

withPeers.each(withTool)('$dialect and the gate make the same', async ({ dialect, files }) => {
  const path = workFolder(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text])),
  )
  const byTool = await createDatabase(version)
  const [program = '', ...args] = commandOf(dialect, join(path, 'migrations'))
  execFileSync(program, args, {
    cwd: path,
    env: { ...process.env, DATABASE_URL: `${byTool.url}?sslmode=disable` },
    stdio: 'pipe',
  })
  const byGate = await createDatabase(version)
  const run = await runGate({ folder: path, environment: { DATABASE_URL: byGate.url } })
  expect(run).toMatchObject({ exitCode: 0 })
  const made = (await readCatalog(byTool)).filter((line) => !ofTheTool.test(line))
  expect(made.length).toBeGreaterThan(5)
  expect(await readCatalog(byGate)).toEqual(made)
})
