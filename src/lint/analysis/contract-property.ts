// Does a change of one property leave less than a contract asks for? What the history makes of it in the end counts.

import { canonicalType, withoutSchema } from '../../contract/type-name.ts'
import { quoteName } from '../../errors/define.ts'
import type { Effect } from '../../schema/effects/effect.ts'
import type { Tracked } from '../../schema/history/model/model.ts'
import { sqlType } from './column-type.ts'
import type { ContractUse } from './contract.ts'
import { sqlObject } from './sql-text.ts'
import { hasText, fragmentsOf } from '../subject/subject.ts'

type Alteration = Extract<Effect, { kind: 'alter' }>

export type PropertyConflict = {
  /** Completes 'the contract of api names column call_log.status, which …'. */
  readonly what: string
  readonly cure: string
}

export const propertyConflict = (
  { object, properties }: Alteration,
  { service, column, labels = [] }: ContractUse,
  atTheEnd: Tracked | undefined,
): PropertyConflict | undefined => {
  const shown = sqlObject(object)
  const [typeFragment] = properties.type ?? []
  if (typeFragment?.kind === 'type' && column?.type !== undefined) {
    const type = sqlType(typeFragment.type)
    if (!isSame(type, column.type))
      return {
        what: `becomes ${type} here, and must be ${column.type}`,
        cure: `Add a column of type ${type} beside it; when ${service} uses that and its contract says so, drop ${shown}.`,
      }
  }
  if (properties.nullability !== undefined && column?.nullable !== undefined) {
    const isNullable = !hasText(fragmentsOf(atTheEnd, 'nullability'), 'NOT NULL')
    if (isNullable !== column.nullable)
      return isNullable
        ? {
            what: 'becomes nullable here, and must never be NULL',
            cure: `First let ${service} accept NULL, and say so in its contract.`,
          }
        : {
            what: 'becomes NOT NULL here, and must accept NULL',
            cure: `First let ${service} always give a value, and say so in its contract.`,
          }
  }
  if (
    properties.default !== undefined &&
    column?.default !== undefined &&
    column.default !== false
  ) {
    const parts = fragmentsOf(atTheEnd, 'default')
    if (
      parts.length > 0 &&
      parts.every(
        (part) => part.kind === 'default' && part.node === undefined && part.sequence === undefined,
      )
    )
      return {
        what: 'loses its default here',
        cure: `First let ${service} give the value itself, and remove the default from its contract.`,
      }
  }
  const lost = labels.find((label) => hasText(properties[`label ${label}`] ?? [], 'absent'))
  return lost === undefined
    ? undefined
    : {
        what: `loses the label ${quoteName(lost)} here`,
        cure: `Add the new label beside it; when ${service} uses that and its contract says so, the old one may stay unused.`,
      }
}

const isSame = (type: string, expected: string): boolean => {
  const [a, b] = [canonicalType(type), canonicalType(expected)]
  return a === b || withoutSchema(a) === withoutSchema(b)
}
