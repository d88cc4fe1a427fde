// Text search of migrations/objects/, with each kind of change; indexes that use it stay.

import { expect, test } from '@jest/globals'
import { arrange, queried, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'
import { pairsOf, upToDate } from '../support/object-changes.ts'
import { textSearchKinds } from '../support/text-search-kinds.ts'

test.each(pairsOf(textSearchKinds))('PostgreSQL $version: $name $change', async ({ check }) => {
  await check()
})

test.each(serverVersions)(
  'PostgreSQL %s: what an index and a generated column use is altered in place, another parser is refused with the list',
  async (version) => {
    const letters = (words: string): string =>
      `CREATE TEXT SEARCH CONFIGURATION app.letters (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION app.letters ALTER MAPPING FOR asciiword WITH ${words};
`
    const file = 'objects/letters.sql'
    const dictionary = 'objects/words.sql'
    const scenario = await arrange(version, {
      '0001_base.sql': 'CREATE SCHEMA app; CREATE TABLE app.letter (body text);\n',
      [file]: letters('app.words'),
      [dictionary]:
        "CREATE TEXT SEARCH DICTIONARY app.words (TEMPLATE = simple, STOPWORDS = english, ACCEPT = 'true');\n",
    })
    await runs(scenario)
    await scenario.database.sql
      .unsafe(
        "CREATE INDEX found ON app.letter USING gin (to_tsvector('app.letters', body)); ALTER TABLE app.letter ADD found tsvector GENERATED ALWAYS AS (to_tsvector('app.letters', body)) STORED",
      )
      .simple()
    const index = "SELECT oid::text || relfilenode FROM pg_class WHERE relname = 'found'"
    const before = await queried(scenario, index)
    const edits = [
      {
        [dictionary]:
          'CREATE TEXT SEARCH DICTIONARY app.words (TEMPLATE = simple, STOPWORDS = german);\n',
      },
      { [file]: letters('app.words, english_stem') },
      { [file]: letters('simple') },
      { [dictionary]: 'CREATE TEXT SEARCH DICTIONARY app.words (TEMPLATE = simple);\n' },
    ]
    for (const edit of edits) {
      scenario.write(edit)
      const run = await scenario.gate('run')
      expect(run.stdout).toContain('1 object changed')
      await upToDate(scenario)
    }
    expect(await queried(scenario, index)).toEqual(before)
    expect(
      await queried(scenario, "SELECT dictinitoption FROM pg_ts_dict WHERE dictname = 'words'"),
    ).toEqual([null])
    expect(
      await queried(scenario, "SELECT to_tsvector('app.letters', 'the letters')::text"),
    ).toEqual(["'letters':2 'the':1"])
    scenario.write({
      'objects/a_parser.sql':
        'CREATE TEXT SEARCH PARSER app.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);\n',
      [file]: 'CREATE TEXT SEARCH CONFIGURATION app.letters (PARSER = app.parser);\n',
    })
    const refused = await scenario.gate('run')
    expect(refused).toMatchObject({ exitCode: 4 })
    expect(refused.stdout).toContain('text search configuration app.letters cannot be dropped')
    expect(refused.stdout).toMatch(/index app\.found|column found of table app\.letter/)
  },
)
