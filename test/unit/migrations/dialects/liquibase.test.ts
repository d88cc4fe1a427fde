// Sums are those that Liquibase 4.28 has computed of the same changesets.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadMigrations } from '../../../../src/migrations/load.ts'
import { markOfLines } from '../../../../src/sql/text/lines-above.ts'
import { placeAt } from '../../../../src/sql/text/offsets.ts'
import '../../one-realm.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

type Files = Readonly<Record<string, string>>

const load = (files: Files, variables: Readonly<Record<string, string>> = {}) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return loadMigrations(folder, { dialect: 'liquibase', variables })
}

const head = '--liquibase formatted sql\n'
const set = (attributes: string, sql = 'SELECT 1;'): string =>
  `${head}--changeset ann:1 ${attributes}\n${sql}\n`

const versionsOf = (files: Files, variables?: Readonly<Record<string, string>>) => {
  const { migrations, problems } = load(files, variables)
  expect(problems).toEqual([])
  return migrations.map(({ version }) => version)
}

const reasonsOf = (files: Files) =>
  load(files).problems.map(({ facts, place }) => [
    facts['reason'],
    ...(place === undefined ? [] : [place.line]),
  ])

describe('the order', () => {
  const of = (name: string): string => set('').replace('ann:1', `ann:${name}`)
  const files = { 'b.sql': of('b'), 'sub/a.sql': of('a'), 'sub/c.sql': of('c') }

  test('without a root is that of the paths, as includeAll takes a folder', () => {
    expect(versionsOf(files)).toEqual(['b.sql::b::ann', 'sub/a.sql::a::ann', 'sub/c.sql::c::ann'])
  })

  test.each([
    [
      'root.json',
      '{"databaseChangeLog": [{"includeAll": {"path": "db/sub/"}}, {"include": {"file": "db/b.sql"}}]}',
    ],
    [
      'root.yaml',
      'databaseChangeLog:\n- includeAll:\n    path: "classpath:/db/sub"\n- include:\n    file: \'b.sql\'\n    relativeToChangelogFile: true\n',
    ],
    [
      'root.xml',
      "<databaseChangeLog><includeAll path='sub' relativeToChangelogFile='true'></includeAll><include file=\"b.sql\"/></databaseChangeLog>",
    ],
  ])('is that of the root, %s', (name, text) => {
    expect(versionsOf({ ...files, [name]: text })).toEqual([
      ...['sub/a.sql::a::ann', 'sub/c.sql::c::ann', 'b.sql::b::ann'],
    ])
  })

  test.each([
    [
      '<changeSet id="1" author="x"/>',
      'has changeSet, and schemagate reads only include and includeAll of it',
    ],
    [
      '<include file="b.sql" context="x"/>',
      'has include with context, which only Liquibase follows',
    ],
    ['<include file="b.sql"/> words', 'is not a changelog that schemagate can read'],
  ])('is not certain where the root has %s', (inner, reason) => {
    const root = `<databaseChangeLog>${inner}</databaseChangeLog>`
    expect(reasonsOf({ 'b.sql': of('b'), 'root.xml': root })).toEqual([[reason]])
  })

  test('is refused where a file is missing, left out or included twice, or two may be the root', () => {
    const root = (...names: readonly string[]): string =>
      `<databaseChangeLog>${names.map((name) => `<include file="${name}"/>`).join('')}</databaseChangeLog>`
    expect(reasonsOf({ ...files, 'root.xml': root('sub/a.sql', 'sub/a.sql', 'x.sql') })).toEqual([
      ['is included twice'],
      ['includes x.sql, which is not in the folder'],
      ['is not included by root.xml'],
      ['is not included by root.xml'],
    ])
    expect(reasonsOf({ ...files, 'other.xml': root('b.sql') })).toEqual([
      ['makes it uncertain which changelog is the root: other.xml or root.xml'],
    ])
  })
})

describe('a changeset', () => {
  test('is taken or not by database, contexts and labels, as Liquibase is told', () => {
    const file = (attributes: string) => ({
      'a.sql': `${set(attributes)}--changeset b:2\nSELECT 2;\n`,
    })
    const taken = (attributes: string, variables?: Readonly<Record<string, string>>) =>
      versionsOf(file(attributes), variables).length === 2
    expect(taken('dbms:postgresql,oracle')).toBe(true)
    expect(taken('dbms:oracle')).toBe(false)
    expect(taken('dbms:!postgresql')).toBe(false)
    expect(taken('dbms:!oracle')).toBe(true)
    expect(taken('ignore:true')).toBe(false)
    const contexts = (given: string) => ({ LIQUIBASE_COMMAND_CONTEXTS: given })
    expect(taken('context:test', contexts('prod'))).toBe(false)
    expect(taken('context:"(a and !b) or c"', contexts('a'))).toBe(true)
    expect(taken('context:"(a and !b) or c"', contexts('A, B'))).toBe(false)
    expect(taken('contextFilter:a,b', contexts('b'))).toBe(true)
    const labels = (given: string) => ({ LIQUIBASE_COMMAND_LABEL_FILTER: given })
    expect(taken('labels:x,y', labels('y and not z'))).toBe(true)
    expect(taken('labels:x,z', labels('x and !z'))).toBe(false)
    expect(taken('', labels('x'))).toBe(true)
  })

  test.each([
    [
      'context:test',
      "has 'context:test', and LIQUIBASE_COMMAND_CONTEXTS is not set, by which Liquibase decides whether it runs",
    ],
    ['failOnError:false', 'has failOnError:false, and may fail without notice'],
    ['runWith:psql', 'has runWith:psql, and is not for the server itself'],
    ['endDelimiter:[a-z]', 'has endDelimiter:[a-z], which only Liquibase cuts by'],
  ])('with %s is only for Liquibase to run', (attributes, reason) => {
    const { migrations, problems } = load({ 'a.sql': set(attributes) })
    expect(problems).toEqual([])
    expect(migrations[0]?.refused).toMatchObject({
      code: 'only-by-tool',
      facts: { reason },
      place: { line: 2 },
    })
  })

  test('with a precondition or a parameter, too', () => {
    const [one, other] = load({
      'a.sql': `${head}--changeset a:1\n--preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:0 SELECT 1\nSELECT 1;\n--changeset a:2\nSELECT '\${x}';\n`,
    }).migrations
    expect(one?.refused?.facts['reason']).toBe(
      "has '--preconditions onFail:MARK_RAN', which only Liquibase evaluates",
    )
    expect(other?.refused?.facts['reason']).toBe("has '${x}', which only Liquibase fills in")
    expect(other?.source?.checksum).toBeUndefined()
  })

  test.each([
    [
      'SELECT 0;',
      set(''),
      'has statements before its first changeset, which Liquibase does not run',
      2,
    ],
    ['--property name:a value:b', set(''), "has a '--property', which only Liquibase fills in", 2],
    [
      '--changeset ann',
      set(''),
      "has '--changeset ann', and Liquibase wants '--changeset author:id'",
      2,
    ],
    ['--changeset ann:2', set(''), 'has a changeset without SQL', 2],
    ['--ignoreLines:start', set(''), "has '--ignoreLines:start' without its end", 2],
    [
      '',
      set('runAlways:true'),
      'has runAlways:true: schemagate runs a changeset once, or when it has changed',
      3,
    ],
  ])('is refused as Liquibase would: %s', (line, text, reason, at) => {
    const file = text.replace(head, `${head}${line}\n`)
    expect(reasonsOf({ 'a.sql': file })).toEqual([[reason, at]])
  })

  test('keeps the places of its SQL, with a semicolon where it ends statements with another sign', () => {
    const sql = "CREATE TABLE a (t text DEFAULT '//')//\n  SELECT 1 // \n-- a // b"
    const text = `${set('endDelimiter://', sql)}--changeset b:2\nSELECT 2\ngo\nSELECT 3\n/\n`
    const [one, other] = load({ 'a.sql': text }).migrations
    const ends = sql.replace(')//', '); ').replace('1 //', '1 ; ')
    expect(one?.text).toBe(`${markOfLines(1)}\n${ends}`)
    expect(other?.text).toBe(`${markOfLines(5)}\nSELECT 2\n; \nSELECT 3\n;\n`)
    for (const [migration, words, line, column] of [
      [one, 'SELECT 1', 4, 3],
      [other, 'SELECT 3', 9, 1],
    ] as const) {
      const at = migration?.text.indexOf(words) ?? -1
      expect(placeAt('a.sql', migration?.text ?? '', at)).toMatchObject({ line, column })
    }
    const within = load({ 'b.sql': set('endDelimiter:||', 'SELECT a || b||') }).migrations
    expect(within.at(-1)?.refused?.facts['reason']).toBe('has its endDelimiter || within a line')
  })

  test('has the checksums of both versions of Liquibase', () => {
    const sql =
      "CREATE TRIGGER touch BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION touch()//\nCREATE TABLE x (t text DEFAULT 'ä;b')//"
    const file = `${set('', 'CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL);\n--rollback DROP TABLE customer;')}
--changeset bob.b:2 splitStatements:false stripComments:false runOnChange:true
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.name := trim(NEW.name); -- a comment
  RETURN NEW;
END
$$;
--changeset ann:3 endDelimiter://
${sql}
`
    for (const text of [file, file.replaceAll('\n', '\r\n'), `\uFEFF${file}`]) {
      const { migrations } = load({ 'a.sql': text })
      expect(migrations.map(({ source }) => [source?.checksum, source?.row?.['eight']])).toEqual([
        ['9:02801362fde857467d12d6feb73b5d9c', '8:bc7313df79ff4ecb9810512c1314c5f3'],
        ['9:104063b471e4c456181d759fcf9c1f87', '8:c56376ea76a86fefa74f4ac941419f65'],
        ['9:51e0079a00f2fbb9a43c89f4416e0568', '8:a2e48a09d1f6c5224feab74ac0cf8fff'],
      ])
      expect(migrations.map(({ runs }) => runs)).toEqual([undefined, 'when changed', undefined])
    }
  })
})

describe('takes time in proportion to the file', () => {
  const changesets = (count: number): string =>
    head +
    Array.from(
      { length: count },
      (_, at) =>
        `\n--changeset ann:${at}\nCREATE TABLE t${at} (a int);\n/* liquibase rollback\nx\n*/\n`,
    ).join('')

  test('all its changesets together have the text of the file', () => {
    const text = changesets(2_000)
    const { migrations } = load({ 'a.sql': text })
    expect(migrations).toHaveLength(2_000)
    const kept = migrations.reduce((sum, migration) => sum + migration.text.length, 0)
    expect(kept).toBeLessThan(text.length)
  })

  // Of what a file says four times, in microseconds of the CPU. Quadratic is 16; the best of three, since others are at work, too.
  const timesOfFourfold = (read: (count: number) => void, count: number): number => {
    const spent = (of: number): number => {
      const before = process.cpuUsage()
      read(of)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const best = (of: number): number => Math.min(...[1, 2, 3].map(() => spent(of)))
    read(count)
    return best(4 * count) / best(count)
  }

  test('with many changesets', () => {
    const read = (count: number): void => {
      load({ 'a.sql': changesets(count) })
    }
    expect(timesOfFourfold(read, 1_500)).toBeLessThan(9)
  })

  test.each([
    ['comments of XML within each other', 'root.xml', '<databaseChangeLog>', '<!--'],
    ['instructions of XML without an end', 'root.xml', '<databaseChangeLog>', '<?x '],
    ['a blank value of YAML', 'root.yaml', 'databaseChangeLog:\n- include:\n    file: a', '    '],
    ['a changeset without its author', 'b.sql', `${head}--changeset `, '    '],
  ])('with %s', (_, name, start, part) => {
    const read = (count: number): void => {
      load({ [name]: `${start}${part.repeat(count)}{` })
    }
    expect(timesOfFourfold(read, 5_000)).toBeLessThan(9)
  })
})

test('a link follows no folder twice, and none outside of the folder', () => {
  const outside = mkdtempSync(join(tmpdir(), 'schemagate-'))
  try {
    writeFileSync(join(outside, 'secret.sql'), set('', 'SELECT 1;'))
    symlinkSync('.', join(folder, 'a'))
    symlinkSync('.', join(folder, 'b'))
    symlinkSync(outside, join(folder, 'share'))
    const { problems, migrations } = load({ '1.sql': set('') })
    expect(migrations.map(({ version }) => version)).toEqual(['1.sql::1::ann'])
    expect(problems.map(({ facts }) => String(facts['file']).split('/').at(-1)).sort()).toEqual([
      'a',
      'b',
      'share',
    ])
  } finally {
    rmSync(outside, { recursive: true })
  }
})

test('a changelog includes nothing above the folder', () => {
  const yaml = 'databaseChangeLog:\n  - include:\n      file: a/../../x.sql\n'
  expect(reasonsOf({ 'root.yaml': yaml, 'x.sql': set('') })).toContainEqual(
    expect.arrayContaining(['includes a/../../x.sql, which is not in the folder']),
  )
})
