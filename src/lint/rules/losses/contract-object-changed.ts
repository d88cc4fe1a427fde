// What a service has said in writing that it needs stays as it is.

import { quoteName } from '../../../errors/define.ts'
import type { Effect, ObjectName, Fragment } from '../../../schema/effects/effect.ts'
import { relationObject } from '../../../schema/effects/scope.ts'
import { describeContractUse, contractsUsing, type ContractUse } from '../../analysis/contract.ts'
import { propertyConflict } from '../../analysis/contract-property.ts'
import type { RuleFinding, Rule } from '../../rule.ts'
import { sqlObject } from '../../analysis/sql-text.ts'
import {
  hasText,
  isOfThisFile,
  indexOfWord,
  fragmentsOf,
  type Subject,
} from '../../subject/subject.ts'
import { callLog } from '../example.ts'
import { undefinedColumn } from '../../../errors/server/sqlstate.ts'

const contract = (columns: string): Readonly<Record<string, string>> => ({
  'contracts/api.json': `{ "service": "api", "tables": { "call_log": { "columns": { ${columns} } } } }
`,
})

export const contractObjectChanged: Rule = {
  id: 'contract-object-changed',
  level: 'error',
  title: "a file removes or changes something that a service's contract names",
  condition:
    'What a file in contracts/ names (a table, view, column, index, constraint, enum, extension or function) is dropped or renamed, and does not exist at the end of the history; or a column gets another type or nullability than the contract says, loses its default, or is new, NOT NULL and without a default, in a table into which the service inserts (its contract speaks of a default); or an enum loses a label.',
  effect:
    'The service has declared that it needs it: its queries fail from this migration on, and the contract is violated.',
  hazard: { kind: 'breaks', query: 'SELECT seconds FROM call_log', sqlstate: undefinedColumn },
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

const breach = (subject: Subject, effect: Effect): readonly RuleFinding[] => {
  const { object } = effect
  if (effect.kind === 'create')
    return effect.inside === undefined ? newlyRequired(subject, object) : []
  const services = contractsUsing(subject.wholeHistory.contracts, object)
  if (services.length === 0) return []
  const found = (
    who: readonly ContractUse[],
    what: string,
    cure: string,
  ): readonly RuleFinding[] => [
    {
      index: indexOfWord(subject, object.name.replace(/\(.*$/s, '')),
      message: `${describeContractUse(who, object)}, which ${what}`,
      cure,
    },
  ]
  const who = namesOf(services)
  switch (effect.kind) {
    case 'drop':
      return subject.wholeHistory.isThereAtTheEnd(object)
        ? []
        : found(
            services,
            'is dropped here',
            `First remove ${sqlObject(object)} from the contract of ${who}, in a release that does not use it.`,
          )
    case 'rename':
      return subject.wholeHistory.isThereAtTheEnd(object)
        ? []
        : found(
            services,
            `becomes ${quoteName(effect.to.name)} here`,
            `Add ${quoteName(effect.to.name)} beside it; when ${who} uses that and its contract says so, drop ${sqlObject(object)}.`,
          )
    case 'alter':
      return services.flatMap((contractUse) => {
        const wrong = propertyConflict(effect, contractUse, subject.wholeHistory.atTheEnd(object))
        return wrong === undefined ? [] : found([contractUse], wrong.what, wrong.cure)
      })
  }
}

const namesOf = (services: readonly ContractUse[]): string =>
  services.map(({ service }) => service).join(', ')

// A column that an INSERT of the running service does not know, and that must have a value.
const newlyRequired = (subject: Subject, object: ObjectName): readonly RuleFinding[] => {
  if (object.kind !== 'column') return []
  const table = relationObject('table', { schema: object.schema, name: object.table })
  const { contracts, atTheEnd } = subject.wholeHistory
  const knowing = contractsUsing(contracts, object).map(({ service }) => service)
  const services = contractsUsing(contracts, table).filter(
    ({ service, inserts }) => inserts === true && !knowing.includes(service),
  )
  const column = atTheEnd(object)
  if (services.length === 0 || column === undefined) return []
  if (!hasText(fragmentsOf(column, 'nullability'), 'NOT NULL')) return []
  if (!fragmentsOf(column, 'default').every(isNoDefault)) return []
  return [
    {
      index: indexOfWord(subject, object.name),
      message: `${describeContractUse(services, table)}, which gets ${quoteName(object.name)} here, NOT NULL and without a default: an INSERT that leaves it out fails`,
      cure: `Give ${sqlObject(object)} a default until ${namesOf(services)} sets it, or allow NULL.`,
    },
  ]
}

const isNoDefault = (part: Fragment): boolean =>
  part.kind === 'default' && part.node === undefined && part.sequence === undefined
