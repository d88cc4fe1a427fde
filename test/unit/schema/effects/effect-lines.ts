// Effects as short lines of text, so that tests read as tables of SQL and lines.

import {
  describeObject,
  type Definition,
  type Effect,
  type Properties,
  type Fragment,
  type RelationName,
} from '../../../../src/schema/effects/effect.ts'
import { typeKey, type Scope } from '../../../../src/schema/effects/scope.ts'
import { statementEffects } from '../../../../src/schema/effects/statement-effects.ts'
import { loadDeparser } from '../../../../src/sql/tree/deparse.ts'
import { utf8 } from '../../../../src/sql/tree/naming.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()
const { expression, query } = await loadDeparser(parse)

const written = (sql: string | undefined): string => sql ?? '(cannot be written)'

const nothing: Omit<Scope, 'chosen'> = {
  searchPath: ['public'],
  has: () => false,
  relationKind: () => undefined,
  isTaken: () => false,
  goingWith: () => [],
  naming: utf8,
  constraintOfIndex: () => undefined,
  indexDefinition: () => undefined,
}

const showRelation = ({ schema, name }: RelationName): string =>
  schema === 'public' ? name : `${schema}.${name}`

const showPart = (part: Fragment): string => {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'relation':
      return showRelation(part.relation)
    case 'columns':
      return part.names.join(', ')
    case 'primary key':
      return `key of ${showRelation(part.relation)}`
    case 'type':
      return typeKey(part.type)
    case 'default':
      return part.node === undefined ? 'no default' : written(expression(part.node))
    case 'expression': {
      const shown = written(expression(part.node))
      return part.place === 'index' ? `(${shown})` : shown
    }
    case 'labels':
      return part.names.join(', ')
    case 'collation':
      return ` of ${showRelation(part.relation)}.${part.column} COLLATE ${part.name}`
    case 'query':
      return written(query(part.node)).replaceAll('\n', ' ')
    case 'operator class':
      return ` ${part.name} of ${part.method}`
  }
}

export const showDefinition = (definition: Definition): string => definition.map(showPart).join('')

// What most columns have is not worth saying.
const usual: Readonly<Record<string, string>> = {
  default: 'no default',
  nullability: 'NULL',
}

const showProperties = (properties: Properties, kind: Effect['kind']): string =>
  Object.entries(properties)
    .map(([property, definition = []]) => [property, showDefinition(definition)] as const)
    .filter(([property, shown]) => kind === 'alter' || shown !== usual[property])
    .map(([property, shown]) => (isSelfEvident(property) ? shown : `${property}: ${shown}`))
    .join('; ')

const isSelfEvident = (property: string): boolean =>
  !/^(label .*|comment|body|labels|result)$/s.test(property)

const showEffect = (effect: Effect): string => {
  const words = [
    effect.kind,
    describeObject(effect.object),
    ...(effect.kind === 'rename' ? [`to ${describeObject(effect.to)}`] : []),
    ...(effect.kind === 'drop' && effect.cascade ? ['cascade'] : []),
    ...('properties' in effect ? [`= ${showProperties(effect.properties, effect.kind)}`] : []),
    ...(effect.kind === 'alter' && 'on' in effect && effect.on === undefined
      ? ['on no table']
      : []),
    ...('forgets' in effect ? [`forgets ${effect.forgets.join(', ')}`] : []),
    ...('on' in effect && effect.on !== undefined ? [`| on ${showRelation(effect.on)}`] : []),
    ...('inside' in effect && effect.inside !== undefined
      ? [`| inside ${describeObject(effect.inside)}`]
      : []),
    ...(effect.guard === 'none' ? [] : [`| ${effect.guard}`]),
    ...('named' in effect && effect.named === 'by server' ? ['| by server'] : []),
  ]
  return words
    .join(' ')
    .replace(/ =( (?=forgets|\|)|$| $)/, ' ')
    .trim()
}

/** The effects of one statement, and 'unseen: …' as the last line where there is something unseen. */
export const linesOf = (sql: string, known: Partial<Scope> = {}): readonly string[] => {
  const parsed = parse(sql)
  const [only, ...more] = parsed.kind === 'parsed' ? parsed.statements : []
  if (only === undefined || more.length > 0) throw new Error(`not one statement: ${sql}`)
  const { effects, opaqueReason } = statementEffects(only.node, { ...nothing, ...known })
  return [
    ...effects.map(showEffect),
    ...(opaqueReason === undefined ? [] : [`unseen: ${opaqueReason}`]),
  ]
}
