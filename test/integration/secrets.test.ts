import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { administrator, createDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles } from '../support/gate.ts'

// With characters that a URL must encode, so that both spellings are looked for.
const secret = 'S3cret/with:odd@chars%&'
const encoded = encodeURIComponent(secret)

const everywhere = async (
  environment: Readonly<Record<string, string>>,
  folder: string,
  args: readonly string[] = ['run'],
): Promise<string> => {
  const files = {
    REPORT_FILE: join(folder, 'report.json'),
    TERMINATION_LOG: join(folder, 'termination'),
  }
  writeFiles(folder, { 'report.json': '', termination: '' })
  let all = ''
  for (const LOG_LEVEL of ['error', 'debug'])
    for (const LOG_FORMAT of ['text', 'json']) {
      const more = args[0] === 'run' ? files : {}
      const { stdout, stderr } = await runGate({
        folder,
        args,
        environment: { ...environment, ...more, LOG_LEVEL, LOG_FORMAT },
      })
      all +=
        stdout +
        stderr +
        Object.values(files)
          .map((file) => readFileSync(file, 'utf8'))
          .join('')
    }
  return all
}

const expectNoSecret = (text: string): void => {
  expect(text.length).toBeGreaterThan(0)
  expect(text).not.toContain(secret)
  expect(text).not.toContain(encoded)
  expect(text).not.toContain(JSON.stringify(secret).slice(1, -1))
  expect(text).not.toMatch(/postgres(ql)?:\/\/[\w%:@]/)
}

const files = { 'migrations/1_a.sql': 'CREATE TABLE a (id int)' }

test('a password in the URL appears nowhere: success, failure, refusal, wrong URL, no server', async () => {
  const { name, port, sql } = await createDatabase('18')
  const role = `owner_of_${name}`
  await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${secret}'; GRANT CREATE ON DATABASE ${name} TO ${role};
    GRANT CREATE ON SCHEMA public TO ${role}`)
  try {
    const url = `postgresql://${role}:${encoded}@127.0.0.1:${port}/${name}`
    const folder = workFolder(files)
    const good = await everywhere({ DATABASE_URL: url }, folder)
    expect(good).toContain('Migration completed successfully')
    expectNoSecret(good)
    expectNoSecret(await everywhere({ DATABASE_URL: url }, folder, ['status', '--json']))
    writeFiles(folder, { 'migrations/2_bad.sql': `ALTER ROLE nobody PASSWORD '${secret}'` })
    const failed = await everywhere({ DATABASE_URL: url }, folder)
    expect(failed).toContain('error[migration-failed]')
    expectNoSecret(failed)
    expectNoSecret(await everywhere({ DATABASE_URL: `${url}?sslmode=maybe` }, folder))
    expectNoSecret(
      await everywhere({ DATABASE_URL: `mysql://root:${encoded}@127.0.0.1/x` }, folder),
    )
    expectNoSecret(
      await everywhere({ DATABASE_URL: url.replace(encoded, `${encoded}%zz`) }, folder),
    )
    // As people paste it: not encoded.
    expectNoSecret(await everywhere({ DATABASE_URL: url.replace(encoded, secret) }, folder))
    expectNoSecret(
      await everywhere(
        { DATABASE_URL: url.replace(`:${port}`, ':1'), DATABASE_WAIT_SECONDS: '0' },
        folder,
      ),
    )
    expectNoSecret(
      await everywhere({ DATABASE_URL: url.replace(name, 'unknown_database') }, folder),
    )
    expectNoSecret(
      await everywhere({}, folder, ['run', `--database-url=${url}`, '--database-ulr', url, url]),
    )
    expectNoSecret(
      await everywhere(
        { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'stranger', PGPASSWORD: secret },
        folder,
      ),
    )
    writeFiles(folder, { 'secret.txt': `${url}\n` })
    const fromFile = await everywhere({ DATABASE_URL_FILE: join(folder, 'secret.txt') }, folder)
    expect(fromFile).toContain('migrations/2_bad.sql')
    expectNoSecret(fromFile)
    const two = await everywhere(
      { DATABASE_URL_DIRECT: url.replace(`:${port}`, ':1'), DATABASE_URL_POOLER: url },
      folder,
    )
    expect(two).toContain('Using POOLER')
    expectNoSecret(two)
    const passwordFile = join(folder, '.pgpass')
    writeFileSync(passwordFile, `*:*:*:${role}:${secret.replace(':', '\\:')}\n`, { mode: 0o600 })
    const named = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: role, PGDATABASE: name }
    const fromPasswordFile = await everywhere({ ...named, PGPASSFILE: passwordFile }, folder)
    expect(fromPasswordFile).toContain('migrations/2_bad.sql')
    expectNoSecret(fromPasswordFile)
    writeFiles(folder, { 'client.key': 'no key', 'client.crt': 'no certificate' })
    const certificate = `sslmode=require&sslcert=${folder}/client.crt&sslkey=${folder}/client.key`
    expectNoSecret(
      await everywhere({ DATABASE_URL: `${url}?${certificate}&sslpassword=${encoded}` }, folder),
    )
    expectNoSecret(await everywhere({ DATABASE_URL: url }, folder, ['doctor', '--json']))
    expectNoSecret(await everywhere({ DATABASE_URL: url }, folder, ['plan', '--json']))
  } finally {
    await sql.unsafe(`DROP OWNED BY ${role}`)
    await administrator('18').unsafe(`DROP ROLE IF EXISTS ${role}`)
  }
}, 120_000)

test('no absolute path and no stack trace is printed, below debug', async () => {
  const folder = workFolder({ ...files, 'migrations/1_b.sql': '' })
  const environments = [
    { MIGRATIONS_DIR: join(folder, 'migrations') },
    { MIGRATIONS_DIR: join(folder, 'missing') },
    { MIGRATIONS_DIR: join(folder, 'migrations'), REPORT_FILE: '/nowhere/report.json' },
    { DATABASE_URL_FILE: '/run/secrets/missing' },
    { PGSSLROOTCERT: '/run/secrets/missing.pem' },
  ]
  for (const environment of environments) {
    const { stdout, stderr } = await runGate({
      folder,
      environment: {
        DATABASE_URL: 'postgresql://u@127.0.0.1:1/x',
        DATABASE_WAIT_SECONDS: '0',
        ...environment,
      },
    })
    expect(stdout + stderr).not.toContain(folder)
    expect(stdout + stderr).not.toMatch(/(^|[\s'"(])\/(nowhere|run|tmp|home|usr)\//)
    expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
  }
})
