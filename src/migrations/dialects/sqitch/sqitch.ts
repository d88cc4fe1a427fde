// sqitch: the deploy scripts of the changes in sqitch.plan, in its order. Scripts that revert or verify are left alone.
// https://sqitch.org/docs/manual/sqitch/

import { createHash } from 'node:crypto'
import { problem } from '../../../errors/problem.ts'
import { placeAt } from '../../../sql/text/offsets.ts'
import type { Dialect, ForeignFile, ListedFile, Stray, Up } from '../dialect.ts'
import { entriesIn } from '../subfolders.ts'
import { readPlan, type Change, type Plan } from './plan.ts'
import { withoutCommands } from './psql.ts'
import { pathsOutside, readSettings, type Settings } from './settings.ts'

const tool = 'sqitch'

export const sqitch: Dialect = {
  name: 'sqitch',
  tool,
  signs: ({ names }) => {
    const sign = ['sqitch.plan', 'sqitch.conf'].find((name) => names.includes(name))
    return sign === undefined ? undefined : `${sign} is in it`
  },
  list: (folder) => {
    const settings = readSettings(
      folder.names.includes('sqitch.conf') ? folder.text('sqitch.conf') : undefined,
    )
    const none = { files: [], downs: 0, code: [] }
    const outside = pathsOutside(settings)
    if (outside.length > 0)
      return {
        ...none,
        strays: outside.map((path) => ({
          entry: 'sqitch.conf',
          reason: `names ${path}, which is not in the folder`,
        })),
      }
    const text = folder.text(settings.plan)
    if (text === undefined)
      return {
        ...none,
        strays: [{ entry: settings.plan, reason: 'does not exist, or cannot be read' }],
      }
    const plan = readPlan(text)
    const scripts = entriesIn(folder, [settings.deploy])
    const files = plan.changes.map((change) => fileOf(change, { plan, settings, scripts }))
    const entries = files.map(({ entry }) => entry)
    const reverts = entriesIn(folder, [settings.revert])
    return {
      ...none,
      ledger: { schema: settings.registry },
      files: files.filter(({ entry }) => scripts.includes(entry)),
      downs: entries.filter((entry) =>
        reverts.includes(entry.replace(settings.deploy, settings.revert)),
      ).length,
      strays: [
        ...plan.faults.map((fault): Stray => ({ entry: settings.plan, ...fault })),
        ...entries
          .filter((entry) => !scripts.includes(entry))
          .map((entry) => ({
            entry,
            reason: `is for a change in ${settings.plan}, and does not exist`,
          })),
        ...scripts
          .filter((entry) => entry !== settings.deploy && !entries.includes(entry))
          .map((entry) => ({ entry, reason: `is for no change in ${settings.plan}` })),
      ],
    }
  },
  sum: (bytes) => createHash('sha1').update(bytes).digest('hex'),
  create: () => ({ refused: "it keeps a plan of its changes: 'sqitch add' makes an empty one" }),
}

type With = {
  readonly plan: Plan
  readonly settings: Settings
  readonly scripts: readonly string[]
}

const fileOf = (change: Change, { plan, settings, scripts }: With): ListedFile => {
  const { id, name, note, at, planner, email, tags, dependencies, reworked } = change
  const [tagged] = [
    ...reworked.filter((tag) => scripts.includes(entryOf(settings, `${name}@${tag}`))),
    ...reworked,
  ]
  const version = tagged === undefined ? name : `${name}@${tagged}`
  return {
    ...{ entry: entryOf(settings, version), version, name: version },
    row: {
      ...{ id, change: name, project: plan.project, uri: plan.uri, note, at, planner, email },
      ...{ tags: JSON.stringify(tags), dependencies: JSON.stringify(dependencies) },
    },
    up: (file) => upOf(file, change, settings),
  }
}

const entryOf = ({ deploy, extension }: Settings, version: string): string =>
  `${deploy}/${version}.${extension}`

const upOf = (
  { file, text }: ForeignFile,
  { dependencies }: Change,
  { variables }: Settings,
): Up => {
  const { text: cut, other } = withoutCommands(file, text, variables)
  const away = dependencies.find(({ kind, id }) => kind === 'require' && id === undefined)
  const conflict = dependencies.find(({ kind }) => kind === 'conflict')
  const reason =
    other?.reason ??
    (away === undefined ? undefined : `requires ${away.name}, a change of another project`) ??
    (conflict === undefined
      ? undefined
      : `conflicts with ${conflict.name}, which only sqitch looks for`)
  const place = other?.place ?? placeAt(file, text, 0)
  return {
    ...{ text: cut, kept: text, down: 'none', misfits: [] },
    ...(reason === undefined
      ? {}
      : { refused: problem('only-by-tool', { file, tool, reason }, place) }),
  }
}
