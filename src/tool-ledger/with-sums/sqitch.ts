// sqitch's registry: a row for each change that is deployed, with its tags, what it requires, and the event.
// https://sqitch.org/docs/manual/sqitch-engine/

import { literal } from '../../database/literal.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Claim, ToolLedger, ToolRow } from '../tool-ledger.ts'

const beside = ['projects', 'dependencies', 'tags', 'events']

export const sqitch: ToolLedger = {
  dialect: 'sqitch',
  schema: 'sqitch',
  table: 'changes',
  columns: {
    ...{ change_id: 'text', script_hash: 'text', change: 'text', project: 'text' },
    committed_at: 'time',
  },
  orderBy: 'committed_at',
  claims: (rows, files) => {
    // Several projects may share it.
    const project = files[0]?.source?.row?.['project']
    return rows.filter((row) => row['project'] === project).map((row) => claimOf(row, files))
  },
  lock: () => 75_474_063n,
  beside,
  write: (table, { source }) => {
    const of = (key: string): string => literal(source?.row?.[key] ?? '')
    const [id, project, note, at] = [of('id'), of('project'), of('note'), of('at')]
    const next = (name: string): string => table.replace(/[^.]+$/, name)
    const uri = source?.row?.['uri'] === '' ? 'NULL' : of('uri')
    const now = 'pg_catalog.clock_timestamp()'
    const planned = `${at}::pg_catalog.timestamptz, ${of('planner')}, ${of('email')}`
    const tags = listIn(source, 'tags') as readonly Tag[]
    const dependencies = listIn(source, 'dependencies') as readonly Dependency[]
    const isNew = `NOT EXISTS (SELECT FROM ${table} WHERE change_id = ${id})`
    const array = (texts: readonly string[]): string =>
      `ARRAY[${texts.map(literal).join(', ')}]::pg_catalog.text[]`
    const namesOf = (kind: Dependency['kind']): string =>
      array(dependencies.filter((each) => each.kind === kind).map(({ name }) => name))
    return [
      `INSERT INTO ${next('projects')} (project, uri, created_at, creator_name, creator_email)
      SELECT ${project}, ${uri}, ${now}, session_user, 'schemagate' WHERE NOT EXISTS (SELECT FROM ${next('projects')} WHERE project = ${project})`,
      // First, while the change is not there.
      `INSERT INTO ${next('events')} (event, change_id, change, project, note, requires, conflicts, tags, committed_at, committer_name, committer_email,
        planned_at, planner_name, planner_email)
      SELECT 'deploy', ${id}, ${of('change')}, ${project}, ${note}, ${namesOf('require')}, ${namesOf('conflict')},
        ${array(tags.map(({ name }) => `@${name}`))}, ${now}, session_user, 'schemagate', ${planned} WHERE ${isNew}`,
      `INSERT INTO ${table} (change_id, script_hash, change, project, note, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email)
      SELECT ${id}, ${literal(source?.checksum ?? '')}, ${of('change')}, ${project}, ${note}, ${now}, session_user, 'schemagate', ${planned} WHERE ${isNew}`,
      ...dependencies.map(
        ({ kind, name, id: required }) =>
          `INSERT INTO ${next('dependencies')} (change_id, type, dependency, dependency_id)
          SELECT ${id}, ${literal(kind)}, ${literal(name)}, ${required === undefined ? 'NULL' : literal(required)}
          WHERE NOT EXISTS (SELECT FROM ${next('dependencies')} WHERE change_id = ${id} AND dependency = ${literal(name)})`,
      ),
      ...tags.map(
        (tag) =>
          `INSERT INTO ${next('tags')} (tag_id, tag, project, change_id, note, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email)
          SELECT ${literal(tag.id)}, ${literal(`@${tag.name}`)}, ${project}, ${id}, ${literal(tag.note)}, ${now}, session_user, 'schemagate',
            ${literal(tag.at)}::pg_catalog.timestamptz, ${literal(tag.planner)}, ${literal(tag.email)}
          WHERE NOT EXISTS (SELECT FROM ${next('tags')} WHERE tag_id = ${literal(tag.id)})`,
      ),
    ]
  },
}

type Tag = Readonly<Record<'id' | 'name' | 'note' | 'at' | 'planner' | 'email', string>>
type Dependency = {
  readonly kind: 'require' | 'conflict'
  readonly name: string
  readonly id?: string
}

const listIn = (source: Migration['source'], key: string): unknown =>
  JSON.parse(source?.row?.[key] ?? '[]')

const claimOf = (
  { change_id: id = '', script_hash: checksum, change = '' }: ToolRow,
  files: readonly Migration[],
): Claim => {
  const file = files.find(({ source }) => source?.row?.['id'] === id)
  if (file !== undefined) return { version: file.version, state: 'applied', checksum }
  // Of the same name: somebody has edited the plan, and every id behind that differs.
  const named = files.find(({ source }) => source?.row?.['change'] === change)
  return named === undefined
    ? { version: change, state: 'applied', checksum }
    : { version: named.version, state: 'applied', checksum: `change ${id}` }
}
