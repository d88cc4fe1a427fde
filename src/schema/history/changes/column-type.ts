// What becomes of what was said of a column when it gets another type: the server keeps it as it has understood it by then.

import type { Fragment } from '../../effects/effect.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'
import { ownedObjects, namesColumn } from '../model/follow.ts'
import {
  change,
  currentValue,
  mentions,
  type Cause,
  type Model,
  type Tracked,
} from '../model/model.ts'
import { defined, unknown, type Value } from '../model/timeline.ts'

/** To be called before the type is another. */
export const followType = (model: Model, column: Tracked, cause: Cause): void => {
  const following: Cause = { ...cause, how: 'follow' }
  castDefault(column, following)
  forgetConstants(model, column, following)
}

// A bare string in a default is a value of the former type, and is cast to the next; all else has a type of its own.
const castDefault = (column: Tracked, cause: Cause): void => {
  const value = currentValue(column, 'default')
  if (value?.kind !== 'defined' || !value.definition.some(isBareString)) return
  const type = currentValue(column, 'type')
  const [typed] = type?.kind === 'defined' ? type.definition : []
  const next: Value =
    typed?.kind === 'type' && isPlain(typed)
      ? defined(
          value.definition.map((part) => casting(part, typed)),
          value.path,
        )
      : unknown
  change(column, 'default', next, cause)
}

type TypeFragment = Extract<Fragment, { kind: 'type' }>

const isBareString = (part: Fragment): boolean =>
  part.kind === 'default' &&
  part.node !== undefined &&
  'A_Const' in part.node &&
  part.node.A_Const.sval !== undefined

// Its length or precision is one more cast, which the server takes off again.
const casting = (part: Fragment, { type }: TypeFragment): Fragment =>
  part.kind === 'default' && part.node !== undefined && isBareString(part)
    ? {
        ...part,
        node: {
          TypeCast: {
            arg: part.node,
            typeName: {
              ...(type.names && { names: type.names }),
              ...(type.arrayBounds && { arrayBounds: type.arrayBounds }),
              typemod: -1,
            },
          },
        },
      }
    : part

// Of a domain the server keeps a value of what is under it. Without a length, char and bit mean one of length 1.
const plain: ReadonlySet<string> = new Set([
  ...(['bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money'] as const),
  ...(['text', 'varchar', 'name', 'bytea', 'uuid', 'json', 'jsonb', 'xml'] as const),
  ...(['date', 'time', 'timetz', 'timestamp', 'timestamptz', 'inet', 'cidr', 'macaddr'] as const),
])

const isPlain = ({ type }: TypeFragment): boolean => {
  const names = stringsOf(type.names)
  return (names.length === 1 || names[0] === 'pg_catalog') && plain.has(names.at(-1) ?? '')
}

// What the strings in a condition are values of, depends on what is next to them.
const forgetConstants = (model: Model, column: Tracked, cause: Cause): void => {
  const { schema, table, name } = column.object
  const isOver = namesColumn({ schema, name: table }, name)
  const mayChange = (part: Fragment): boolean =>
    part.kind === 'expression' && isOver(part) && JSON.stringify(part.node).includes('"sval":{')
  for (const each of ownedObjects(model, { schema, name: table }))
    if (mentions(each, mayChange)) change(each, 'definition', unknown, cause)
}
