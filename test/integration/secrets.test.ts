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
}, 300_000)

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

const unknown = 'hunter2'

const secretive: Readonly<Record<string, string>> = {
  'a literal on the next line': `ALTER ROLE nobody PASSWORD\n  '${unknown}'`,
  'a literal that the server repeats': `ALTER ROLE nobody PASSWORD\n  'a' '${unknown}'`,
  'no literal at all': `ALTER ROLE nobody PASSWORD ${unknown}`,
  'a literal with Unicode escapes': `ALTER ROLE nobody PASSWORD U&'${unknown}' UESCAPE '!'`,
  'a comment before it': `ALTER ROLE nobody PASSWORD /* x */ '${unknown}'`,
  'a block': `DO $$ BEGIN\n  EXECUTE 'ALTER ROLE nobody PASSWORD ''${unknown}''';\nEND $$`,
  'a block with a dollar quote': `DO $$ BEGIN EXECUTE format('ALTER ROLE nobody PASSWORD %L', $p$${unknown}$p$); END $$`,
  'a function': `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n EXECUTE 'ALTER ROLE nobody PASSWORD ''${unknown}'''; END $$;\nSELECT f()`,
  'a user mapping': `CREATE USER MAPPING FOR CURRENT_USER SERVER nowhere OPTIONS (user 'a_rather_long_name_of_a_user_that_makes_the_line_long', password '${unknown}')`,
  'a subscription': `CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere password=${unknown}' PUBLICATION p`,
  'a setting of the server': `ALTER SYSTEM SET primary_conninfo = 'host=h password=${unknown}', 1`,
  'a row that is there': `CREATE TABLE account (id int, password text UNIQUE);\nINSERT INTO account (id, password) VALUES (1, '${unknown}');\nINSERT INTO account (id, password) VALUES (2, '${unknown}')`,
  'a row that fails': `CREATE TABLE account (id int CHECK (id > 1), password text);\nINSERT INTO account (id, password) VALUES (1, '${unknown}')`,
  'a message of its own': `DO $$ BEGIN RAISE EXCEPTION 'ALTER ROLE nobody PASSWORD ''${unknown}'''; END $$`,
}

test('the secret of a migration appears nowhere', async () => {
  for (const [name, sql] of Object.entries(secretive)) {
    const { url: DATABASE_URL } = await createDatabase('18')
    const folder = workFolder({ 'migrations/1_bad.sql': `${sql};\n` })
    const printed = async (args: readonly string[], LOG_FORMAT: string): Promise<string> => {
      const environment = { DATABASE_URL, LOG_LEVEL: 'debug', LOG_FORMAT }
      const { stdout, stderr } = await runGate({ folder, args, environment })
      return stdout + stderr
    }
    const failed = await printed(['run'], 'text')
    expect({ name, failed }).toMatchObject({ failed: expect.stringContaining('-failed]') })
    const all = [
      failed,
      await printed(['run', '--json'], 'json'),
      await printed(['plan'], 'text'),
      await printed(['lint'], 'text'),
    ].join('\n')
    const leaking = all.split('\n').filter((line) => line.includes(unknown))
    expect({ name, leaking }).toEqual({ name, leaking: [] })
  }
}, 300_000)

test('a password that is an ordinary word leaves the names that are the same word', async () => {
  const { name, port, sql } = await createDatabase('18')
  const role = `users_of_${name}`
  await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'users'; GRANT CREATE ON DATABASE ${name} TO ${role};
    GRANT CREATE ON SCHEMA public TO ${role}`)
  try {
    const folder = workFolder({ 'migrations/1_users.sql': 'ALTER TABLE users ADD password text' })
    const DATABASE_URL = `postgresql://${role}:users@127.0.0.1:${port}/${name}`
    const { stdout } = await runGate({ folder, args: ['run'], environment: { DATABASE_URL } })
    expect(stdout).toContain('--> migrations/1_users.sql:1:1')
    expect(stdout).toContain('relation "users" does not exist')
    const wrong = await everywhere(
      { DATABASE_URL: `${DATABASE_URL}?password=users&x=users` },
      folder,
    )
    expect(wrong).not.toMatch(/password=users|:users@/)
  } finally {
    await sql.unsafe(`DROP OWNED BY ${role}`)
    await administrator('18').unsafe(`DROP ROLE IF EXISTS ${role}`)
  }
}, 300_000)
