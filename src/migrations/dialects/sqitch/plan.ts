// sqitch.plan to its changes in their order, each with its tags and the id that it has in sqitch's registry.
// https://sqitch.org/docs/manual/sqitchchanges/ and its section "Plan File"

import { createHash } from 'node:crypto'

type Noted = {
  readonly id: string
  readonly name: string
  readonly note: string
  /** '2026-11-30T23:30:14Z' */
  readonly at: string
  readonly planner: string
  readonly email: string
}

type Dependency = {
  readonly kind: 'require' | 'conflict'
  /** As the registry has it. */
  readonly name: string
  /** Of the change that is required; undefined of one of another project, and of a conflict. */
  readonly id: string | undefined
}

export type Change = Noted & {
  /** In the order in which they were given. */
  readonly tags: readonly Noted[]
  readonly dependencies: readonly Dependency[]
  /** The tags before it was reworked; its scripts have the first of them in their names. */
  readonly reworked: readonly string[]
}

export type Plan = {
  readonly project: string
  readonly uri: string
  readonly changes: readonly Change[]
  readonly faults: readonly { readonly reason: string; readonly line: number }[]
}

const unwritable = /(?!\t)\p{Cc}/u
const longestLine = 10_000

type Open = { -readonly [Key in keyof Change]: Change[Key] } & { tags: Noted[]; reworked: string[] }

const entry =
  /^\s*(@|[+-]\s*)?([^\s@:#[\]\\]\S*)(?:\s+\[([^\]]+)\])?\s+(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s+([^<]+?)\s+<([^>]+)>\s*$/

export const readPlan = (text: string): Plan => {
  const pragmas = new Map<string, string>()
  const changes: Open[] = []
  const faults: { reason: string; line: number }[] = []
  for (const [line, raw] of text.split(/\r?\n/).entries()) {
    const [, bare = '', note = ''] = /^([^#]*)(?:#(.*))?$/.exec(raw) ?? []
    const fault = (reason: string): unknown => faults.push({ reason, line })
    if (unwritable.test(raw) || raw.length > longestLine) {
      fault('has a line with a control character, or of more than 10,000 characters')
      continue
    }
    if (bare.trim() === '') continue
    const [, pragma, value = ''] = /^\s*%\s*([^\s=]+)\s*(?:=\s*(.*?))?\s*$/.exec(bare) ?? []
    if (pragma !== undefined) {
      pragmas.set(pragma, value)
      continue
    }
    const [, sign = '', name, needs, at = '', planner = '', email = ''] = entry.exec(bare) ?? []
    if (name === undefined || sign.startsWith('-')) {
      fault('has a line that schemagate cannot read')
      continue
    }
    const noted = { name, note: unescaped(note), at, planner, email }
    const head = headOf(pragmas)
    const last = changes.at(-1)
    if (sign === '@') {
      if (last === undefined) fault(`has the tag @${name} before any change`)
      else
        last.tags.push({
          ...noted,
          id: idOf('tag', [...head, `tag @${name}`, `change ${last.id}`], noted),
        })
      continue
    }
    const dependencies = dependenciesOf(needs, changes, pragmas.get('project') ?? '')
    const lost = dependencies.find((each) => typeof each === 'string')
    if (lost !== undefined) fault(`has ${name}, which requires ${lost}, and that is not before it`)
    const known = dependencies.filter((each) => typeof each !== 'string')
    const before = changes.findLast((each) => each.name === name)
    if (before !== undefined)
      before.reworked = changes
        .slice(changes.indexOf(before))
        .flatMap(({ tags }) => tags.map((tag) => tag.name))
    if (before?.reworked.length === 0) fault(`has ${name} twice without a tag between`)
    const parent = last === undefined ? [] : [`parent ${last.id}`]
    const id = idOf('change', [...head, `change ${name}`, ...parent], noted, known)
    changes.push({ ...noted, id, dependencies: known, tags: [], reworked: [] })
  }
  if (!pragmas.has('project')) faults.push({ reason: 'has no %project', line: 0 })
  return { project: pragmas.get('project') ?? '', uri: pragmas.get('uri') ?? '', changes, faults }
}

const headOf = (pragmas: ReadonlyMap<string, string>): readonly string[] => {
  const uri = pragmas.get('uri')
  return [`project ${pragmas.get('project') ?? ''}`, ...(uri === undefined ? [] : [`uri ${uri}`])]
}

/** As of an object of git. */
const idOf = (
  kind: 'change' | 'tag',
  head: readonly string[],
  { planner, email, at, note }: Omit<Noted, 'id'>,
  dependencies: readonly Dependency[] = [],
): string => {
  const named = (of: Dependency['kind'], sign: string): readonly string[] => {
    const names = dependencies.filter((each) => each.kind === of).map(({ name }) => name)
    return names.length === 0 ? [] : [`${of}s`, ...names.map((name) => `  ${sign} ${name}`)]
  }
  const info = [
    ...head,
    ...[`planner ${planner} <${email}>`, `date ${at}`],
    ...[...named('require', '+'), ...named('conflict', '-')],
    ...(note === '' ? [] : ['', note]),
  ].join('\n')
  return createHash('sha1')
    .update(`${kind} ${Buffer.byteLength(info)}\0${info}`)
    .digest('hex')
}

/** Those that are before the change; a text for one that is not there. */
const dependenciesOf = (
  needs: string | undefined,
  changes: readonly Change[],
  project: string,
): readonly (Dependency | string)[] =>
  (needs?.trim().split(/\s+/) ?? []).map((each) => {
    const kind = each.startsWith('!') ? 'conflict' : 'require'
    const [, other = project, key = ''] = /^!?(?:([^:@]*):)?(.*)$/.exec(each) ?? []
    const name = other === project ? key : `${other}:${key}`
    if (kind === 'conflict' || other !== project) return { kind, name, id: undefined }
    const [change = '', tag] = key.split('@')
    const upTo =
      tag === undefined
        ? changes
        : changes.slice(
            0,
            changes.findIndex(({ tags }) => tags.some((one) => one.name === tag)) + 1,
          )
    const found = change === '' ? upTo.at(-1) : upTo.findLast((one) => one.name === change)
    return found === undefined ? name : { kind, name, id: found.id }
  })

const unescaped = (note: string): string =>
  note.trim().replaceAll(/\\[\\nr]/g, (found) => ({ '\\n': '\n', '\\r': '\r' })[found] ?? '\\')
