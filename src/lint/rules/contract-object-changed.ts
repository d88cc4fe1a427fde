// What a service has said in writing that it needs stays as it is.

import { quoteName } from '../../errors/define.ts'
import type { Effect, ObjectName } from '../../effects/effect.ts'
import { isTypeNamed, sqlType } from '../column-type.ts'
import { describeReliance, reliedOn } from '../contract.ts'
import type { Found, Rule } from '../rule.ts'
import { sqlObject } from '../sql-text.ts'
import { isOfThisFile, indexOfWord, type Subject } from '../subject.ts'
import { callLog } from './example.ts'

const contract = (columns: string): Readonly<Record<string, string>> => ({
  'contracts/api.json': `{ "service": "api", "tables": { "call_log": { "columns": { ${columns} } } } }
`,
})

export const contractObjectChanged: Rule = {
  id: 'contract-object-changed',
  level: 'error',
  title: "something goes that a service's contract names",
  condition:
    'A table or column that a file in contracts/ names is dropped or renamed and not there again at the end of the history, or a column gets another type than the contract says.',
  effect:
    'The service has said in writing that it needs it: its queries fail from this migration on, and the contract is violated.',
  harm: { kind: 'breaks', query: 'SELECT seconds FROM call_log', sqlstate: '42703' },
  bad: {
    files: {
      ...callLog,
      ...contract('"call_sid": {}, "seconds": { "type": "integer" }'),
      '0002_call_log_duration.sql': `ALTER TABLE call_log RENAME COLUMN seconds TO duration_sec;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      ...contract('"call_sid": {}, "seconds": { "type": "integer" }'),
      '0002_call_log_duration.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS duration_sec integer;
`,
    },
  },
  check: (subject) =>
    subject.statement.effects.flatMap((effect) =>
      isOfThisFile(subject, effect.object) ? [] : breach(subject, effect),
    ),
}

const breach = (subject: Subject, effect: Effect): readonly Found[] => {
  const { object } = effect
  if (object.kind !== 'column' && !relations.has(object.kind)) return []
  const services = reliedOn(subject.whole.contracts, object)
  if (services.length === 0) return []
  const found = (what: string, cure: string): readonly Found[] => [
    {
      index: indexOfWord(subject, object.name),
      message: `${describeReliance(services, object)}, which ${what}`,
      cure,
    },
  ]
  const who = services.map(({ service }) => service).join(', ')
  switch (effect.kind) {
    case 'drop':
      return subject.whole.isThereAtTheEnd(object)
        ? []
        : found(
            'is dropped here',
            `First take ${sqlObject(object)} out of the contract of ${who}, in a release that does not use it.`,
          )
    case 'rename':
      return subject.whole.isThereAtTheEnd(object)
        ? []
        : found(
            `becomes ${quoteName(effect.to.name)} here`,
            `Add ${quoteName(effect.to.name)} beside it; when ${who} uses that and its contract says so, drop ${sqlObject(object)}.`,
          )
    case 'alter': {
      const [part] = effect.facets.type ?? []
      const type = part?.kind === 'type' ? part.type : undefined
      const wrong = services.find((each) => type !== undefined && isOther(type, each))
      return type === undefined || wrong === undefined
        ? []
        : found(
            `becomes ${sqlType(type)} here${wrong.type === undefined ? '' : `, and is to be ${wrong.type}`}`,
            `Add a column of type ${sqlType(type)} beside it; when ${who} uses that and its contract says so, drop ${sqlObject(object)}.`,
          )
    }
    case 'create':
      return []
  }
}

type AlteredType = Parameters<typeof isTypeNamed>[0]

const isOther = (type: AlteredType, { type: expected }: { readonly type?: string }): boolean =>
  expected !== undefined && !isTypeNamed(type, expected)

const relations: ReadonlySet<ObjectName['kind']> = new Set([
  'table',
  'view',
  'materialized view',
] as const)
