// What a database has, in few words: what is left out is as an ordinary table has it.

import type {
  ColumnFacts,
  ConstraintFacts,
  Facts,
  FunctionFacts,
  IndexFacts,
  RelationFacts,
} from '../../../src/contract/facts.ts'

type Named<Value> = Readonly<Record<string, Value>>

type RelationWords = {
  readonly schema?: string
  readonly columns?: Named<Partial<ColumnFacts>>
  readonly indexes?: Named<Partial<IndexFacts>>
  readonly constraints?: Named<Partial<ConstraintFacts>>
}

export type DatabaseWords = {
  readonly searchPath?: readonly string[]
  /** By the name that was asked for, as the facts have them. */
  readonly tables?: Named<RelationWords>
  readonly views?: Named<RelationWords>
  readonly enums?: Named<readonly string[]>
  readonly extensions?: readonly string[]
  readonly functions?: readonly (Partial<FunctionFacts> & Pick<FunctionFacts, 'name'>)[]
  readonly others?: readonly string[]
}

export const factsOf = ({
  searchPath = ['public'],
  tables = {},
  views = {},
  enums = {},
  extensions = [],
  functions = [],
  others = [],
}: DatabaseWords): Facts => ({
  searchPath,
  relations: new Map([
    ...mapOf(tables, (words, name) => relation('table', name, words)),
    ...mapOf(views, (words, name) => relation('view', name, words)),
  ]),
  enums: mapOf(enums, (labels, name) => ({ schema: 'public', name: plain(name), labels })),
  extensions: new Set(extensions),
  functions: functions.map((words) => ({
    schema: 'public',
    argumentTypes: [],
    returns: 'void',
    ...words,
  })),
  otherRelations: others,
})

const relation = (
  kind: RelationFacts['kind'],
  name: string,
  { schema = 'public', columns = {}, indexes = {}, constraints = {} }: RelationWords,
): RelationFacts => ({
  schema,
  name: plain(name),
  kind,
  columns: mapOf(columns, (words) => ({
    type: 'text',
    nullable: true,
    filledBy: words.default === undefined ? 'nothing' : 'default',
    default: undefined,
    ...words,
  })),
  indexes: mapOf(indexes, (words) => ({
    definition: undefined,
    unique: false,
    valid: true,
    ...words,
  })),
  constraints: mapOf(constraints, (words) => ({
    definition: undefined,
    validated: true,
    ...words,
  })),
})

const plain = (name: string): string => name.slice(name.indexOf('.') + 1)

const mapOf = <Words, Value>(
  words: Named<Words>,
  valueOf: (words: Words, name: string) => Value,
): ReadonlyMap<string, Value> =>
  new Map(Object.entries(words).map(([name, each]) => [name, valueOf(each, name)]))
