// The gate beside its peers, on the same work, in one run: what `scripts/bench peers` does. docs/performance.md explains it.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { caseName } from './compare/cases.ts'
import type { Chart } from './compare/chart.ts'
import type { Figure } from './compare/figures.ts'
import { measure } from './compare/measure.ts'
import { bare, gate, type Node } from './compare/own-runners.ts'
import { withMeasured } from './compare/page.ts'
import { peers } from './compare/peer-runners.ts'
import { report, type Report } from './compare/report.ts'
import type { Runner } from './compare/runner.ts'
import { settingsFrom, type Settings } from './compare/settings.ts'
import { setStage, type Stage } from './compare/stage.ts'

const project = join(import.meta.dirname, '..')
const peerFolder = join(project, 'bench/peers')

const main = async (): Promise<void> => {
  const settings = settingsFrom(process.env, join(project, 'docs/performance.md'))
  const runners = chosen(everybody(), settings.runners)
  const delays = settings.cases.flatMap((one) => ('delayMs' in one ? [one.delayMs] : []))
  const stage = await setStage(delays)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stage.end().finally(() => process.exit(130)))
  try {
    const turns = { runs: settings.runs, enoughMs: settings.enoughMs }
    const figures: Figure[] = []
    for (const one of settings.cases) {
      if (one.kind === 'memory' && process.platform !== 'linux') continue
      say(`measuring: ${caseName(one)}`)
      figures.push(...(await measure(one, runners, { stage, turns })))
    }
    const setting = await describe(stage, settings, delays)
    publish(report({ figures, runners, runs: settings.runs, setting }), settings.page)
  } finally {
    await stage.end()
  }
}

// The Node.js of the image comes from npm, for some platforms.
const fromNpm = join(peerFolder, `node_modules/node-${process.platform}-${process.arch}/bin/node`)
const imageNode = existsSync(fromNpm) ? fromNpm : process.execPath

const versionOf = (node: string): string =>
  spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()

const major = (version: string): string => /^v(\d+)/.exec(version)?.[1] ?? version

const everybody = (): readonly Runner[] => {
  const ours: Node = { program: imageNode, suffix: '' }
  const other: Node = { program: process.execPath, suffix: ` on Node ${major(process.version)}` }
  const nodes = major(process.version) === major(versionOf(imageNode)) ? [ours] : [ours, other]
  return [
    ...nodes.map((node) => gate(project, node)),
    ...peers(peerFolder, imageNode).filter(isThere),
    ...nodes.map((node) => bare(project, node)),
  ]
}

// What is a binary for one platform only is left out on others.
const isThere = ({ name, start }: Runner): boolean => {
  const there = existsSync(start('', '').program)
  if (!there) say(`left out: ${name}, which is not there for ${process.platform} ${process.arch}`)
  return there
}

const chosen = (
  runners: readonly Runner[],
  names: readonly string[] | undefined,
): readonly Runner[] => {
  const unknown = names?.find((name) => runners.every((runner) => runner.name !== name))
  if (unknown !== undefined)
    throw new Error(
      `BENCH_RUNNERS names "${unknown}"; there are ${runners.map(({ name }) => name).join(', ')}`,
    )
  return runners.filter(({ name }) => names?.includes(name) ?? true)
}

const describe = async (
  stage: Stage,
  { runs }: Settings,
  delays: readonly number[],
): Promise<readonly string[]> => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(project, file), 'utf8'))
  const { version } = read('package.json') as { version: string }
  const { dependencies, optionalDependencies } = read('bench/peers/package.json') as Record<
    'dependencies' | 'optionalDependencies',
    Readonly<Record<string, string>>
  >
  const versions = ['node-pg-migrate', 'knex', 'postgres-migrations', 'drizzle-orm'].map(
    (name) => `${name} ${dependencies[name] ?? ''}`,
  )
  const asked = []
  for (const delayMs of [...new Set(delays)].sort((a, b) => a - b))
    asked.push(`${(await stage.askMs(delayMs)).toFixed(2)} ms at ${delayMs} ms`)
  return [
    `schemagate ${version}, Node.js ${versionOf(imageNode).slice(1)}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`,
    [`dbmate ${optionalDependencies['@dbmate/linux-x64'] ?? ''}`, ...versions].join(', '),
    `medians of ${runs} alternating runs, of no-ops ${runs * 2}, unless a cell says that there were fewer; the ratio is against schemagate`,
    `what one question takes, from a connection that is open: ${asked.join(', ')}`,
  ]
}

const publish = ({ text, plots }: Report, page: string | undefined): void => {
  process.stdout.write(`\n${text}`)
  if (page === undefined) return
  writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), text))
  for (const { file, chart } of plots) writeFileSync(join(dirname(page), file), draw(chart))
  say(`written: ${page}`)
}

const draw = (chart: Chart): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(peerFolder, 'plot.js')], {
    input: JSON.stringify(chart),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

try {
  await main()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
process.exit()
