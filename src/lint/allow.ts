// `@allow rule reason`: what a file accepts is left out; what it accepts needlessly is reported.

import type { Allowance, Migration } from '../migrations/migration.ts'
import { nearest } from '../errors/nearest.ts'
import type { Finding } from './finding.ts'
import { rules } from './rules/rules.ts'
import { unknownAllow, unusedAllow } from './rules/file/allowances.ts'

const allowable = rules
  .filter((rule) => rule !== unknownAllow && rule !== unusedAllow)
  .map(({ id }) => id)

export const applyAllowances = (
  { directives: { allow = [] } }: Migration,
  findings: readonly Finding[],
  /** Rules that a run may ask for, whatever lint finds. */
  needed: ReadonlySet<string>,
): Finding[] => {
  const isAllowed = ({ rule }: Finding): boolean => allow.some((each) => each.rule === rule)
  const accepted = new Set(findings.filter(isAllowed).map(({ rule }) => rule))
  return [
    ...findings.filter((finding) => !isAllowed(finding)),
    ...allow
      .filter(({ rule }) => !accepted.has(rule) && !needed.has(rule))
      .map((allowance) =>
        allowable.includes(allowance.rule) ? unused(allowance) : unknown(allowance),
      ),
  ]
}

const unused = ({ rule, place }: Allowance): Finding => ({
  ...base(unusedAllow, place),
  message: `nothing in this file needs @allow ${rule}`,
  cure: 'Remove the line.',
})

const unknown = ({ rule, place }: Allowance): Finding => {
  const meant = nearest(rule, allowable, 4)
  return {
    ...base(unknownAllow, place),
    message:
      `@allow names '${rule}', which is not a rule that can be allowed` +
      (meant === undefined ? '' : `; did you mean ${meant}?`),
    cure:
      meant === undefined ? `Name one of: ${allowable.join(', ')}.` : `-- @allow ${meant} <reason>`,
  }
}

const base = (
  { id, level, effect }: typeof unusedAllow,
  place: Allowance['place'],
): Pick<Finding, 'rule' | 'level' | 'file' | 'place' | 'effect'> => ({
  rule: id,
  level,
  effect,
  file: place.file,
  place,
})
