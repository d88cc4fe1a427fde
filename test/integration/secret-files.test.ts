// Secrets in files, as people write them: what is taken off their ends, and what is said when the login is refused. The servers
// of the tests ask for passwords.

import { expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions

const setUp = async (written: string) => {
  const { url } = await createDatabase(version)
  const { hostname, port, username, password, pathname } = new URL(url)
  const file = written.replace('PW', password)
  const folder = workFolder({ 'migrations/1_a.sql': 'SELECT 1;\n', secret: file })
  const parts = { PGHOST: hostname, PGPORT: port, PGUSER: username, PGDATABASE: pathname.slice(1) }
  return { folder, environment: { ...parts, PGPASSWORD_FILE: 'secret' } }
}

test.each(['PW', 'PW\n', 'PW\r\n', '\uFEFFPW\n'])('%j lets us in', async (written) => {
  const { folder, environment } = await setUp(written)
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
})

test.each([
  ['secret-pw-77\n\n', 'PGPASSWORD ends with a line break, which counts as part of it'],
  ['secret-pw-77 \n', 'PGPASSWORD ends with a blank, which counts as part of it'],
  ['"secret-pw-77"\n', 'PGPASSWORD is in quotes, which counts as part of it'],
])('%j is refused with a hint, and without the secret', async (written, hint) => {
  const { folder, environment } = await setUp(written)
  const { exitCode, stdout, stderr } = await runGate({ folder, environment })
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 2 })
  expect(stdout).toContain('error[login-refused]')
  expect(stdout).toContain(`\n  ${hint}\n`)
  expect(stdout + stderr).not.toContain('secret-pw-77')
})

test('a pipe in the place of a secret is refused at once, and not waited for', async () => {
  const { folder, environment } = await setUp('PW')
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const finished = await runGate({
    folder,
    environment: { ...environment, PGPASSWORD_FILE: 'pipe' },
  })
  expect(finished).toMatchObject({ exitCode: 2 })
  expect(finished.stdout).toContain(
    'the file that PGPASSWORD_FILE names cannot be read: it is a pipe, and not an ordinary file',
  )
})
