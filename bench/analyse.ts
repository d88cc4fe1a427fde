// How long it takes to analyse a long history in one process, on one core: load, parse, history and lint of 1,000 files of
// five statements each, beside the bare parser over the same texts. Alternating runs, medians, their ratio.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModule, parseSync } from 'libpg-query'
import { compileAtBaseline } from '../src/cli/baseline-compiler.ts'
import { readHistory } from '../src/schema/history/history.ts'
import { lint } from '../src/lint/lint.ts'
import { loadMigrations } from '../src/migrations/load.ts'
import { loadParser, rememberParsed } from '../src/sql/tree/parse.ts'
import { median } from './compare/median.ts'

compileAtBaseline()

const runs = Number(process.env['BENCH_RUNS'] ?? 7)
const fileCount = Number(process.env['BENCH_FILES'] ?? 1_000)
const limitMs = 2_000

/** Five statements of a service that grows: a table in every fourth file, and what happens to the tables before it. */
const fileText = (number: number, renameEvery: number): string => {
  const table = (back: number): string => `item_${Math.max(0, Math.floor(number / 4) - back)}`
  const isRename = renameEvery > 0 && number % renameEvery === renameEvery - 1
  const rename = `ALTER TABLE ${table(1)} RENAME COLUMN note_${number - 1} TO remark_${number};`
  const change = `ALTER TABLE ${table(1)} ADD COLUMN IF NOT EXISTS note_${number} text NOT NULL DEFAULT 'none';`
  const add = [
    `ALTER TABLE ${table(2)} ADD COLUMN extra_${number} numeric(12, 2), ADD COLUMN flag_${number} boolean DEFAULT false;`,
    `CREATE INDEX CONCURRENTLY IF NOT EXISTS item_extra_${number} ON ${table(2)} (extra_${number} DESC) WHERE flag_${number};`,
    `ALTER TABLE ${table(2)} ADD CONSTRAINT extra_${number}_positive CHECK (extra_${number} > 0) NOT VALID;`,
    isRename ? rename : change,
    `UPDATE ${table(2)} SET flag_${number} = true WHERE extra_${number} > 100;`,
  ]
  const evolve = [
    `ALTER TABLE ${table(1)} ALTER COLUMN title TYPE varchar(${(number % 200) + 50});`,
    `CREATE OR REPLACE VIEW recent_${number % 50} AS SELECT id, title FROM ${table(1)} WHERE created_at > now() - interval '1 day';`,
    `COMMENT ON TABLE ${table(1)} IS 'as of ${number}';`,
    isRename ? rename : change,
    `INSERT INTO ${table(1)} (title) VALUES ('seed ${number}') ON CONFLICT DO NOTHING;`,
  ]
  const make = [
    `CREATE TABLE ${table(0)} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL, state state_${number % 20} DEFAULT 'new',
      parent bigint REFERENCES ${table(1)} (id) ON DELETE CASCADE, created_at timestamptz NOT NULL DEFAULT now(),
      price numeric(10, 2) CHECK (price >= 0), UNIQUE (title, created_at));`,
    `CREATE INDEX item_title_${number} ON ${table(0)} (lower(title));`,
    `CREATE OR REPLACE FUNCTION touch_${number % 30}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;`,
    `CREATE TRIGGER touch BEFORE UPDATE ON ${table(0)} FOR EACH ROW EXECUTE FUNCTION touch_${number % 30}();`,
    `CREATE TYPE status_${number} AS ENUM ('new', 'open', 'done');`,
  ]
  return [make, add, evolve, add][number % 4]?.join('\n') ?? ''
}

const writeHistory = (folder: string, renameEvery: number): void => {
  for (let number = 0; number < fileCount; number++)
    writeFileSync(
      join(folder, `${String(number + 1).padStart(5, '0')}_step.sql`),
      fileText(number, renameEvery),
    )
}

type Times = Record<'bare parser' | 'load' | 'parse' | 'history' | 'lint', number[]>

const analyseOnce = async (folder: string, times: Times): Promise<void> => {
  let started = performance.now()
  const lap = (phase: keyof Times): void => {
    times[phase].push(performance.now() - started)
    started = performance.now()
  }
  const { migrations, problems } = loadMigrations(folder)
  if (problems.length > 0) throw new Error(problems.map(({ title }) => title).join('\n'))
  lap('load')
  const parse = rememberParsed(await loadParser())
  for (const { file, text } of migrations)
    if (parse(text).kind === 'unreadable') throw new Error(`${file} cannot be parsed`)
  lap('parse')
  readHistory(migrations, { parse })
  lap('history')
  lint(migrations, parse)
  lap('lint')
  for (const { text } of migrations) parseSync(text)
  lap('bare parser')
}

const measure = async (renameEvery: number): Promise<Times> => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
  const times: Times = { 'bare parser': [], load: [], parse: [], history: [], lint: [] }
  try {
    writeHistory(folder, renameEvery)
    for (let run = 0; run < runs; run++) await analyseOnce(folder, times)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return times
}

await loadModule()
const variants = [
  ['without renames', 0],
  ['a rename in 20 files', 20],
] as const
for (const [name, renameEvery] of variants) {
  const { 'bare parser': bare, ...own } = await measure(renameEvery)
  const bareMs = median(bare)
  const totals = own.load.map((_, run) =>
    Object.values(own).reduce((sum, list) => sum + (list[run] ?? 0), 0),
  )
  const line = (words: string, ms: number): string =>
    `| ${words} | ${ms.toFixed(0)} | ${(ms / bareMs).toFixed(2)} |\n`
  process.stdout.write(
    `\n| ${fileCount} files of 5 statements, ${name}, median of ${runs} | ms | ratio |\n|---|---|---|\n`,
  )
  process.stdout.write(line('the bare parser', bareMs))
  for (const [phase, list] of Object.entries(own)) process.stdout.write(line(phase, median(list)))
  const totalMs = median(totals)
  process.stdout.write(line('all of it', totalMs))
  if (totalMs > limitMs) {
    process.stdout.write(`more than ${limitMs} ms\n`)
    process.exitCode = 1
  }
}
