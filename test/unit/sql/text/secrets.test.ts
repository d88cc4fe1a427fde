import { describe, expect, test } from '@jest/globals'
import { placeAt } from '../../../../src/sql/text/offsets.ts'
import { hideSecrets, wordsAbout } from '../../../../src/sql/text/secrets.ts'

const secret = 'hunter2'

describe('a statement that has to do with secrets', () => {
  test.each([
    `ALTER ROLE app PASSWORD\n  '${secret}'`,
    `ALTER ROLE app PASSWORD U&'${secret}' UESCAPE '!'`,
    `ALTER ROLE app PASSWORD /* x */ '${secret}'`,
    `CREATE ROLE app LOGIN ENCRYPTED PASSWORD -- it's\n E'\\'${secret}'`,
    `ALTER ROLE app PASSWORD $tag$${secret}$$ $tag$`,
    `ALTER ROLE app PASSWORD ${secret}`,
    `ALTER ROLE app PASSWORD "${secret}"`,
    `ALTER ROLE app PASSWORD = ${secret} LOGIN`,
    `DO $$ BEGIN EXECUTE 'ALTER ROLE app PASSWORD ''${secret}'''; END $$`,
    `DO $$ BEGIN EXECUTE format('ALTER ROLE app PASSWORD %L', $p$${secret}$p$); END $$`,
    `CREATE FUNCTION f() RETURNS void LANGUAGE plpython3u AS $$ password = "${secret}" $$`,
    `CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'app', password '${secret}')`,
    `ALTER SERVER s OPTIONS (SET passfile '${secret}')`,
    `CREATE SUBSCRIPTION s CONNECTION 'host=h user=u password=${secret}' PUBLICATION p`,
    `SELECT * FROM dblink('host=h password=${secret}', 'SELECT 1') AS t(a int)`,
    `ALTER SYSTEM SET primary_conninfo = 'host=h password=${secret}'`,
    `COPY t TO PROGRAM 'curl -u me:${secret} https://example.com'`,
    `SET app.secret = '${secret}'`,
    `SELECT set_config('app.key', '${secret}', false)`,
    `SELECT crypt('${secret}', gen_salt('bf'))`,
    `INSERT INTO users (name, password) VALUES ('a', '${secret}')`,
    `UPDATE api_keys SET token = N'${secret}'`,
    `ALTER ROLE app PASSWORD '${secret}`,
    `INSERT INTO path VALUES ('C:\\'); ALTER ROLE app PASSWORD '${secret}'`,
    `INSERT INTO path VALUES ('a\\'b;c'); ALTER ROLE app PASSWORD '${secret}'`,
  ])('shows none of its values: %s', (sql) => {
    const text = `CREATE TABLE a (note text DEFAULT 'shown');\n${sql}`
    const hidden = hideSecrets(text)
    expect(hidden).not.toContain(secret)
    expect(hidden).toHaveLength(text.length)
    expect(hidden).toContain("DEFAULT 'shown'")
    const lines = text.split('\n').length
    expect(hidden.split('\n')).toHaveLength(lines)
    const excerpts = Array.from(text, (_, index) => placeAt('f', text, index).excerpt)
    expect(excerpts.join('\n')).not.toContain(secret)
  })

  test.each([
    "INSERT INTO t VALUES ('hunter2'); SELECT 'x'",
    'CREATE TABLE users (id int, password text NOT NULL)',
    'ALTER ROLE app PASSWORD NULL',
  ])('only: %s', (sql) => {
    expect(hideSecrets(sql)).toBe(sql)
  })

  test('leaves those beside it readable', () => {
    const hidden = hideSecrets("SELECT 'a'; ALTER ROLE r PASSWORD 'b' LOGIN; SELECT 'c'")
    expect(hidden).toBe("SELECT 'a'; ALTER ROLE r PASSWORD *** LOGIN; SELECT 'c'")
  })
})

describe('words about such a statement', () => {
  test.each([
    [`ALTER ROLE r PASSWORD 'a' '${secret}'`, `syntax error at or near "'${secret}'"`],
    [`ALTER ROLE r PASSWORD ${secret}`, `syntax error at or near "${secret}"`],
    [
      `INSERT INTO users (id, password) VALUES (1, '${secret}')`,
      `Failing row contains (1, ${secret}).`,
    ],
    [
      `INSERT INTO users (password) VALUES ('${secret}')`,
      `Key (password)=(${secret}) already exists.`,
    ],
    [`INSERT INTO users (password) VALUES ('it''s ${secret}')`, `invalid input: "it's ${secret}"`],
    [
      'SELECT f()',
      `SQL statement "ALTER ROLE r PASSWORD '${secret}'"\nPL/pgSQL function f() line 1`,
    ],
    ['SELECT f()', `CREATE USER MAPPING FOR u SERVER s OPTIONS (password $$${secret}$$)`],
    ['SELECT f()', `password $a$ $b$ ${secret} $b$ $c$`],
    ['SELECT f()', `password $a$b$ ${secret} $b$`],
    [`ALTER ROLE r PASSWORD '${secret}'`, `${'x'.repeat(70_000)} ${secret}`],
    ['SELECT f()', `password ${'x'.repeat(70_000)} '${secret}'`],
  ])('repeat none of its values: %s: %s', (sql, words) => {
    expect(wordsAbout(sql)(words)).not.toContain(secret)
  })

  test('are found for a value of megabytes, in every place where it stands alone', () => {
    const body = `(${'word [\\ '.repeat(300_000)}`
    const about = wordsAbout(`SET app.password = '${body}'; SELECT 'hunter2' AS password`)
    expect(about('(hunter2), "hunter2", hunter2')).toBe('(***), "***", ***')
  })

  test('are read once, however many tags of dollars are in them', () => {
    const tags = Array.from({ length: 12_000 }, (_, index) => `$${index}$`)
      .join(' ')
      .slice(0, 65_000)
    const words = `password ${tags}`
    const before = performance.now()
    expect(wordsAbout('SELECT f()')(words)).toBe(words)
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  test('keep everything else', () => {
    const about = wordsAbout("INSERT INTO users (name, password) VALUES ('on', 'hunter2')")
    const words = 'relation "users" does not exist; the condition holds on row (1)'
    expect(about(words)).toBe(words)
  })

  test('about any other statement are kept whole', () => {
    const words = 'Key (email)=(a@b.c) already exists.'
    expect(wordsAbout("INSERT INTO t VALUES ('a@b.c')")(words)).toBe(words)
  })
})
