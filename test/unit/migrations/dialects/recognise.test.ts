import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadMigrations, type Reading } from '../../../../src/migrations/load.ts'
import { dialectNames } from '../../../../src/migrations/dialects/dialect-names.ts'
import { dialects } from '../../../../src/migrations/dialects/dialects.ts'
import { placeAt } from '../../../../src/sql/text/offsets.ts'
import { dialectFolders } from '../../../support/dialect-folders.ts'
import '../../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

type Files = Readonly<Record<string, string | Uint8Array>>

const load = (files: Files, reading: Partial<Reading> = {}) => {
  const path = join(folder, 'migrations')
  rmSync(path, { recursive: true, force: true })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return loadMigrations(path, { dialect: 'auto', variables: {}, ...reading })
}

const codesOf = (files: Files, reading?: Partial<Reading>) =>
  load(files, reading).problems.map(({ code, title, place }) => ({
    ...{ code, title },
    ...(place === undefined ? {} : { at: `${place.line}:${place.column}` }),
  }))

test("Flyway's repeatable files come last, by their descriptions, and with the values of their placeholders", () => {
  const files = {
    'R__b.sql': 'SELECT 1;',
    'views/R__a_view.sql': "SELECT '${who}';",
    'V10__ten.sql': 'SELECT 1;',
    'V9__nine.sql': 'SELECT 1;',
    'B1__begin.sql': 'SELECT 1;',
  }
  const as = (who: string) => {
    const { migrations, problems } = load(files, {
      variables: { FLYWAY_PLACEHOLDERS_WHO: who },
    })
    expect(problems).toEqual([])
    return migrations
  }
  expect(as('x').map(({ version, runs }) => [version, runs])).toEqual([
    ['B1', undefined],
    ['9', undefined],
    ['10', undefined],
    ['R__a_view', 'when changed'],
    ['R__b', 'when changed'],
  ])
  const [one, other] = [as('x')[3], as('y')[3]]
  expect(one?.checksum).not.toBe(other?.checksum)
  expect(one?.source?.checksum).not.toBe(other?.source?.checksum)
  expect(one?.text).toBe("SELECT 'x';")
})

test('each name that MIGRATIONS_DIALECT takes has its record, and its folder', () => {
  expect(dialects.map(({ name }) => name).sort()).toEqual([...dialectNames].sort())
  expect(new Set(dialectFolders.map(({ dialect }) => dialect))).toEqual(new Set(dialectNames))
})

describe.each(dialectFolders.filter(({ because }) => because !== undefined))(
  'the folder of $dialect ($because)',
  ({ dialect, files, versions, environment }) => {
    test('is recognised by itself, and read in the order of the tool', () => {
      const loaded = load(files, { variables: environment ?? {} })
      expect(loaded.problems).toEqual([])
      expect(loaded.dialect?.name).toBe(dialect)
      expect(loaded.migrations.map(({ version }) => version)).toEqual(versions)
    })

    test('keeps the places of what goes up', () => {
      const { migrations } = load(files, { variables: environment ?? {} })
      for (const { file, text } of migrations) {
        const whole = String(files[file.slice('migrations/'.length)]).split('\n')
        let at = 0
        for (const line of text.split('\n')) {
          const own = placeAt(file, text, at)
          const there = whole[own.line - 1]
          expect(own.line).toBeLessThanOrEqual(whole.length)
          if (line.trim() !== '' && !/\$[{C]|:DATABASE/.test(there ?? '')) expect(line).toBe(there)
          at += line.length + 1
        }
      }
      expect(migrations.some(({ text }) => text.includes('DROP'))).toBe(false)
    })

    test('is read alike when it is named', () => {
      const reading = { dialect, variables: environment ?? {} } as Reading
      const named = load(files, reading)
      const { migrations } = load(files, { variables: environment ?? {} })
      expect(named.migrations).toEqual(migrations)
      expect(named.dialect?.because).toBe(`MIGRATIONS_DIALECT=${dialect}`)
    })
  },
)

describe('two tools in one folder', () => {
  test('are refused by file, line and tool, where most of the files are ours', () => {
    const files = {
      '1_a.sql': 'SELECT 1;\n',
      '2_b.sql': 'SELECT 1;\n',
      '3_c.sql': '-- +goose Up\nSELECT 1;\n-- +goose Down\n',
    }
    expect(codesOf(files)).toEqual([
      {
        code: 'foreign-dialect',
        title:
          "migrations/3_c.sql is written for goose: '-- +goose Down' begins the part that undoes the migration",
        at: '3:1',
      },
    ])
  })

  test('are refused by the file that does not fit, where most are of one tool', () => {
    const goose = '-- +goose Up\nSELECT 1;\n'
    expect(codesOf({ '1_a.sql': goose, '2_b.sql': goose, '3_c.sql': 'SELECT 1;\n' })).toEqual([
      {
        code: 'dialect-misfit',
        title: "migrations/3_c.sql does not fit a folder of goose: it has no '-- +goose Up'",
      },
    ])
  })

  test('are refused where each file is of a tool of its own', () => {
    const files = {
      '1_a.sql': '-- +goose Up\nSELECT 1;\n',
      '2_b.sql': '-- +goose Up\nSELECT 1;\n',
      '3_c.sql': 'SELECT 1;\n-- migrate:down\nDROP TABLE t;\n',
    }
    expect(codesOf(files)).toEqual([
      {
        code: 'dialect-misfit',
        title: "migrations/3_c.sql does not fit a folder of goose: it has no '-- +goose Up'",
      },
      {
        code: 'foreign-dialect',
        title:
          "migrations/3_c.sql is written for dbmate: '-- migrate:down' begins the part that undoes the migration",
        at: '2:1',
      },
    ])
  })

  test('are refused by their names, where both may have made it', () => {
    expect(codesOf({ '1_a/up.sql': 'SELECT 1;', '2_b/up.sql': 'SELECT 1;' })).toEqual([
      {
        code: 'dialect-unclear',
        title: "the migrations folder 'migrations' may have been made for diesel or Hasura",
      },
    ])
    const files = {
      '1_a.up.sql': 'SELECT 1;',
      '20240101000000_b/migration.sql': 'SELECT 1;',
    }
    expect(codesOf(files)).toEqual([
      {
        code: 'dialect-unclear',
        title: "the migrations folder 'migrations' may have been made for golang-migrate or Prisma",
      },
    ])
  })

  test('a file of golang-migrate among as many of ours is refused as before', () => {
    expect(codesOf({ '1_a.sql': 'SELECT 1;', '2_b.up.sql': 'SELECT 1;' })).toMatchObject([
      { code: 'foreign-dialect' },
    ])
  })
})

const filesOf = (name: string): Files =>
  dialectFolders.find(({ dialect }) => dialect === name)?.files ?? {}

const edited = (name: string, entry: string): Files => ({
  ...filesOf(name),
  [entry]: `${String(filesOf(name)[entry])}SELECT 'edited';\n`,
})

const without = (name: string, entry: string): Files =>
  Object.fromEntries(Object.entries(filesOf(name)).filter(([each]) => each !== entry))

describe('Flyway', () => {
  const versionsOf = (...names: readonly string[]) =>
    load(Object.fromEntries(names.map((name) => [name, 'SELECT 1;']))).migrations.map(
      ({ version }) => version,
    )

  test('orders versions part by part as numbers, in folders of any depth', () => {
    expect(
      versionsOf('V10__a.sql', 'a/b/V2__b.sql', 'V2_1__c.sql', 'V1.0__d.sql', 'V2.0.5__e.sql'),
    ).toEqual(['1', '2', '2.0.5', '2.1', '10'])
  })

  test('takes 1, 1.0 and 01 for one version', () => {
    expect(codesOf({ 'V1__a.sql': 'SELECT 1;', 'V01.0__b.sql': 'SELECT 1;' })).toMatchObject([
      { code: 'duplicate-version' },
    ])
  })

  test('begins with the last baseline where nothing else is before it', () => {
    expect(versionsOf('B1__a.sql', 'B3__b.sql', 'V4__c.sql')).toEqual(['B3', '4'])
    expect(versionsOf('B1__a.sql', 'V1__b.sql', 'B3__c.sql', 'V4__d.sql')).toEqual(['1', '4'])
  })

  test('sums as it does: over the lines without their ends', () => {
    const { migrations } = load({ 'V1__a.sql': Buffer.from('\uFEFFSELECT 1;\r\nSELECT 2;\n') })
    const same = load({ 'V1__a.sql': 'SELECT 1;SELECT 2;' }).migrations
    expect(migrations[0]?.source?.checksum).toBe('-1665099012')
    expect(same[0]?.source?.checksum).toBe(migrations[0]?.source?.checksum)
  })

  test('names every placeholder without a value', () => {
    const files = { 'V1__a.sql': 'GRANT ${role} TO ${Owner};\n', 'V2__b.sql': "SELECT '${role}';" }
    expect(codesOf(files)).toMatchObject([
      { title: expect.stringContaining('FLYWAY_PLACEHOLDERS_ROLE is not set'), at: '1:7' },
      { title: expect.stringContaining('FLYWAY_PLACEHOLDERS_OWNER is not set'), at: '1:18' },
      { title: expect.stringContaining('FLYWAY_PLACEHOLDERS_ROLE is not set'), at: '1:9' },
    ])
  })
})

describe('what the tool itself would not take', () => {
  test.each<[string, Files, string, Partial<Reading>]>([
    [
      'statements before the marker',
      { '1_a.sql': 'SELECT 1;\n-- +goose Up\nSELECT 2;\n' },
      "has statements before '-- +goose Up'",
      {},
    ],
    [
      'a marker behind a statement',
      { '1_a.sql': '-- migrate:up\nSELECT 1; -- migrate:down\nDROP TABLE t;\n' },
      "has '-- migrate:down' behind something else",
      {},
    ],
    [
      'a StatementBegin of goose without its end',
      {
        '1_a.sql':
          '-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose Down\n-- +goose StatementEnd\n',
      },
      "has '-- +goose StatementBegin' without a StatementEnd",
      {},
    ],
    [
      'a StatementEnd of goose without its beginning',
      { '1_a.sql': '-- +goose Up\nSELECT 1;\n-- +goose StatementEnd\n' },
      "has '-- +goose StatementEnd' without a StatementBegin",
      {},
    ],
    [
      'a gap',
      { '1_a.sql': 'SELECT 1;', '3_c.sql': 'SELECT 1;' },
      'follows a gap: there is no migration 2',
      { dialect: 'tern' },
    ],
    [
      'a template',
      { '1_a.sql': 'SELECT {{.x}};\n---- create above / drop below ----\n' },
      "has '{{', which begins a template that only tern fills in",
      {},
    ],
    [
      'a file that is not in the journal',
      {
        'meta/_journal.json': '{"entries":[{"tag":"0000_a","when":1}]}',
        '0000_a.sql': 'SELECT 1;',
        '0001_b.sql': 'SELECT 1;',
      },
      'is not in meta/_journal.json',
      { dialect: 'drizzle' },
    ],
    [
      'a file of the journal that is gone',
      {
        'meta/_journal.json': '{"entries":[{"tag":"0000_a","when":1},{"tag":"0001_b","when":2}]}',
        '0000_a.sql': 'SELECT 1;',
      },
      'is in meta/_journal.json, and does not exist',
      {},
    ],
    [
      'a journal that is none',
      { 'meta/_journal.json': '{', '0000_a.sql': 'SELECT 1;' },
      'is not a journal that schemagate can read',
      { dialect: 'drizzle' },
    ],
    [
      'a name of another form',
      { 'a.sql': '-- +goose Up\nSELECT 1;' },
      "is not named like the tool's migrations: a number, '_', a name, .sql",
      { dialect: 'goose' },
    ],
    [
      'what it would fill in otherwise',
      { '1_a.sql': '-- +goose Up\n-- +goose ENVSUB ON\nSELECT ${A:?gone};\n' },
      "has '${A:?gone}', which schemagate does not fill in",
      {},
    ],
    [
      'a callback of Flyway',
      { 'V1__a.sql': 'SELECT 1;', 'afterMigrate.sql': 'SELECT 1;' },
      'is a callback, and schemagate runs nothing around migrations',
      {},
    ],
    [
      'a setting that only Flyway follows',
      { 'V1__a.sql': 'SELECT 1;', 'V1__a.sql.conf': 'shouldExecute=false\n' },
      'has a setting beside it that schemagate does not follow: shouldExecute',
      {},
    ],
    [
      'a placeholder that only Flyway knows',
      { 'V1__a.sql': 'SET search_path TO ${flyway:defaultSchema};' },
      "has '${flyway:defaultSchema}', which only Flyway can fill in",
      {},
    ],
    [
      'an edited file of Atlas',
      edited('atlas', '20240101000002_touch.sql'),
      'is not what atlas.sum says of it',
      {},
    ],
    [
      'a file that atlas.sum does not have',
      { ...filesOf('atlas'), '20240101000020_more.sql': 'SELECT 1;' },
      'is not in atlas.sum',
      {},
    ],
    [
      'an edited file of graphile-migrate',
      edited('graphile-migrate', 'committed/000002-touch.sql'),
      'is not what the sum in its second line says: it was edited',
      { variables: { DATABASE_OWNER: 'postgres' } },
    ],
    [
      'a file of graphile-migrate that is gone',
      without('graphile-migrate', 'committed/000002-touch.sql'),
      'does not follow the file before it: a file is missing, or was edited',
      { variables: { DATABASE_OWNER: 'postgres' } },
    ],
    [
      'a template of pop',
      { '1_a.postgres.up.sql': 'SELECT {{ .x }};' },
      "has '{{', which begins a template that only pop fills in",
      {},
    ],
  ])('%s', (_, files, reason, reading) => {
    const { problems } = load(files, reading)
    expect(problems.map(({ code, facts }) => [code, facts['reason']])).toEqual([
      ['dialect-misfit', reason],
    ])
  })

  test('migrations in code where they would run; at once, where their place is not known', () => {
    const goose = '-- +goose Up\nSELECT 1;\n'
    const files = {
      '1_a.sql': goose,
      '2_b.go': '',
      '3_c.go': '',
      '3_c_test.go': '',
      '4_d.sql': goose,
    }
    const { migrations, problems } = load({ ...files, '5_e.sql': goose })
    expect(problems).toEqual([])
    expect(migrations.map(({ version, refused }) => [version, refused?.title])).toEqual([
      ['1', undefined],
      ['2', 'schemagate cannot run migrations/2_b.go as goose would: it is code'],
      ['3', 'schemagate cannot run migrations/3_c.go as goose would: it is code'],
      ['4', undefined],
      ['5', undefined],
    ])
    expect(
      load({ 'V1__a.sql': 'SELECT 1;', 'V2__b.java': '', 'V3__c.py': '' }).problems,
    ).toMatchObject([
      {
        code: 'code-migration',
        title: 'migrations/V2__b.java is code, which only Flyway can run',
        detail: ['the same is true of: migrations/V3__c.py'],
      },
    ])
  })

  test('placeholders without a value, each with its place, all at once', () => {
    const files = {
      '1_a.sql':
        '-- +goose Up\n-- +goose ENVSUB ON\nGRANT ${ROLE} TO $OWNER;\n-- +goose ENVSUB OFF\nSELECT $$ ${KEPT} $$;\n',
      '2_b.sql': "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${ROLE}';\n",
    }
    expect(codesOf(files)).toEqual([
      {
        code: 'unset-placeholder',
        title: "migrations/1_a.sql has '${ROLE}', and ROLE is not set",
        at: '3:7',
      },
      {
        code: 'unset-placeholder',
        title: "migrations/1_a.sql has '$OWNER', and OWNER is not set",
        at: '3:18',
      },
      {
        code: 'unset-placeholder',
        title: "migrations/2_b.sql has '${ROLE}', and ROLE is not set",
        at: '3:9',
      },
    ])
    const { migrations } = load(files, { variables: { ROLE: 'reader', OWNER: 'app' } })
    expect(migrations[0]?.text).toContain('GRANT reader TO app;')
    expect(migrations[0]?.text).toContain('SELECT $$ ${KEPT} $$;')
  })
})

test('of several pairs in a file all that goes up is read, with its place', () => {
  const text =
    '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n-- migrate:up\nSELECT 3;\n-- migrate:down\n'
  expect(load({ '1_a.sql': text }).migrations[0]?.text).toBe(
    '-- migrate:up\nSELECT 1;\n               \n         \n-- migrate:up\nSELECT 3;\n               \n',
  )
})

describe('an edit', () => {
  const file = (up: string, down: string): Files => ({
    '1_a.sql': `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`,
  })
  const sumOf = (files: Files) => load(files).migrations[0]?.checksum

  test('of the part that undoes is none', () => {
    expect(sumOf(file('SELECT 1;', 'SELECT 2;'))).toBe(sumOf(file('SELECT 1;', 'DROP TABLE t;')))
    expect(sumOf(file('SELECT 1;', ''))).not.toBe(sumOf(file('SELECT 3;', '')))
  })

  test('of a value that a placeholder has is none', () => {
    const files = { '1_a.sql': '-- +goose Up\n-- +goose ENVSUB ON\nGRANT $ROLE TO app;\n' }
    const [one, other] = ['a', 'b'].map(
      (ROLE) => load(files, { variables: { ROLE } }).migrations[0],
    )
    expect(one?.text).not.toBe(other?.text)
    expect(one?.checksum).toBe(other?.checksum)
  })
})

test('sums as the tool does: over the bytes on the disk', () => {
  const text = Buffer.from('\uFEFFSELECT 1;\r\n')
  const { migrations } = load({ '20240101000000_a/migration.sql': text })
  expect(migrations[0]).toMatchObject({
    source: {
      dialect: 'prisma',
      checksum: '1ffc3c6acdbb610bcc942c606c787270e7c9d149c473e9d9aaa4fe597d5e402d',
    },
  })
})

test('what is not certain is ours', () => {
  const { problems, dialect, migrations } = load({ '1_a.sql': 'SELECT 1;', '2_b.sql': 'SELECT 2;' })
  expect({ problems, dialect, count: migrations.length }).toEqual({
    ...{ problems: [], dialect: undefined, count: 2 },
  })
})
