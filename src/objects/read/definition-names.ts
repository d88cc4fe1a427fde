// What a statement names besides relations: the parser takes the words of CREATE AGGREGATE, CREATE OPERATOR and CREATE TEXT SEARCH
// (SFUNC = app.add) for types, whatever they are. Pure.

import type { DefineStmt, Node } from 'libpg-query'
import { namesIn, type WrittenName } from '../../schema/effects/names/names-in.ts'
import { namesInText } from '../../schema/effects/names/mentioned-names.ts'
import { isTree, operatorsOf, stringsOf, subtrees } from '../../sql/tree/tree.ts'
import type { ObjectKind, TextSearchKind } from '../object-file.ts'

/** Objects of one space have different names; a type is a relation's, and functions differ by their arguments, too. */
export type NameSpace = 'relation' | 'function' | 'operator' | TextSearchKind

export const spaceOf = (kind: ObjectKind): NameSpace | undefined => {
  switch (kind) {
    case 'view':
    case 'materialized view':
      return 'relation'
    case 'function':
    case 'procedure':
    case 'aggregate':
      return 'function'
    case 'operator':
    case 'text search configuration':
    case 'text search dictionary':
    case 'text search parser':
    case 'text search template':
      return kind
    default:
      return undefined
  }
}

type Named = WrittenName & { readonly space: NameSpace }

/** What must be there before the statement, relations that it reads left out. */
export const namedBy = (node: Node): readonly Named[] => [
  ...('DefineStmt' in node ? ofDefinition(node.DefineStmt) : as('relation', namesIn(node, 'type'))),
  ...as('function', namesIn(node, 'function')),
  ...('CreateCastStmt' in node ? as('function', [nameOf(node.CreateCastStmt.func?.objname)]) : []),
  ...('AlterTSConfigurationStmt' in node
    ? as(
        'text search dictionary',
        (node.AlterTSConfigurationStmt.dicts ?? []).map((each) =>
          nameOf('List' in each ? each.List.items : []),
        ),
      )
    : []),
  ...operatorsIn(node).filter(({ schema }) => schema !== undefined),
]

/** Without a schema, an operator may be PostgreSQL's own as well: which one it is, its operands decide. */
export const operatorsPerhaps = (node: Node): readonly Named[] =>
  operatorsIn(node).filter(({ schema }) => schema === undefined)

const operatorsIn = (node: Node): readonly Named[] =>
  operatorsOf(node).map(({ schema, name }) => ({
    schema: schema === '' ? undefined : schema,
    ...{ name, space: 'operator' },
  }))

const as = (space: NameSpace, names: readonly WrittenName[]): readonly Named[] =>
  names.map(({ schema, name }) => ({ schema, name, space }))

const nameOf = (names: unknown): WrittenName => {
  const [name = '', schema] = stringsOf(names).toReversed()
  return { schema, name }
}

// Of an operator, the commutator and the negator may be made later.
const wordsOf: Readonly<Record<string, Readonly<Record<string, NameSpace | undefined>>>> = {
  OBJECT_AGGREGATE: {
    ...{ stype: 'relation', mstype: 'relation', basetype: 'relation', sortop: 'operator' },
  },
  OBJECT_OPERATOR: {
    ...{ leftarg: 'relation', rightarg: 'relation', commutator: undefined, negator: undefined },
  },
  OBJECT_TSCONFIGURATION: { parser: 'text search parser', copy: 'text search configuration' },
  OBJECT_TSDICTIONARY: { template: 'text search template' },
}

const ofDefinition = ({
  kind = 'OBJECT_TYPE',
  args,
  definition = [],
}: DefineStmt): readonly Named[] => {
  const words = wordsOf[kind] ?? {}
  return [
    ...as('relation', namesIn({ args }, 'type')),
    ...definition.flatMap((each) => {
      if (!('DefElem' in each)) return []
      const { defname = '', arg } = each.DefElem
      // All other words of these two are functions.
      const isCalled = !(defname in words) && !/TSCONFIGURATION|TSDICTIONARY/.test(kind)
      const space = isCalled ? 'function' : words[defname]
      return space === undefined ? [] : as(space, [nameOf(listIn(arg))])
    }),
  ]
}

const listIn = (arg: Node | undefined): unknown => {
  if (arg === undefined) return []
  if ('TypeName' in arg) return arg.TypeName.names
  return 'List' in arg ? arg.List.items : []
}

/** Last parts of the names that constants may be: 'german' of to_tsvector('app.german', …). */
export const namesInConstants = (node: Node): readonly string[] =>
  'DefineStmt' in node
    ? []
    : subtrees(node).flatMap(({ A_Const: constant }) => {
        const text = isTree(constant) && isTree(constant['sval']) ? constant['sval']['sval'] : ''
        return typeof text === 'string' ? [...namesInText(text)] : []
      })
