// Whether two files can have anything to do with each other, by the names of their objects alone: most files cannot, and a long
// history has many pairs. Pure.

import { namesIn } from '../../schema/effects/names/names-in.ts'
import type { ReadMigration } from '../../schema/history/history.ts'
import { readOperations, type Operation } from './operations.ts'

type Names = {
  /** Of what a file makes, changes, removes or fills. */
  readonly touched: ReadonlySet<string>
  /** Of whatever it speaks of. */
  readonly mentioned: ReadonlySet<string>
  /** What it does reaches beyond what it names: rights on all tables, an extension. */
  readonly reach: 'named' | 'beyond'
}

export const mayConflict = (a: ReadMigration, b: ReadMigration): boolean => {
  const [one, other] = [namesOf(a), namesOf(b)]
  return (
    one.reach === 'beyond' ||
    other.reach === 'beyond' ||
    [...one.touched].some((name) => other.mentioned.has(name)) ||
    [...other.touched].some((name) => one.mentioned.has(name))
  )
}

const known = new WeakMap<ReadMigration, Names>()

const namesOf = (read: ReadMigration): Names => {
  const found = known.get(read) ?? collect(readOperations(read))
  known.set(read, found)
  return found
}

const collect = (operations: readonly Operation[]): Names => {
  const touched = new Set(operations.flatMap(touchedBy))
  const isFar = ({ granting, effects }: Operation): boolean =>
    granting !== undefined || effects.some(({ object }) => object.kind === 'extension')
  return {
    touched,
    mentioned: new Set([...touched, ...operations.flatMap(mentionedBy)]),
    reach: operations.some(isFar) ? 'beyond' : 'named',
  }
}

const touchedBy = ({ node, effects, rows }: Operation): readonly string[] => [
  ...effects.flatMap((effect) =>
    [effect.object, ...(effect.kind === 'rename' ? [effect.to] : [])].map(({ table, name }) =>
      table === '' ? name.replace(/\(.*$/s, '') : table,
    ),
  ),
  ...effects.flatMap((effect) => ('on' in effect && effect.on ? [effect.on.name] : [])),
  ...rows.writes.map(({ relation }) => relation.name),
  ...(node !== undefined && 'RuleStmt' in node ? [node.RuleStmt.relation?.relname ?? ''] : []),
]

const mentionedBy = ({ node, effects, body }: Operation): readonly string[] => [
  ...body,
  ...effects.map(({ object }) => object.schema),
  ...(['relation', 'sequence', 'type', 'function'] as const).flatMap((kind) =>
    namesIn(node, kind).flatMap(({ schema, name }) =>
      schema === undefined ? [name] : [schema, name],
    ),
  ),
]
