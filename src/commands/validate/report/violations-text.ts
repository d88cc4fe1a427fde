// Violations for people: by service, then by table; what is wrong, expected and found side by side, which migration should
// have brought it, what to do.

import { describeContractObject, relationOf } from '../../../contract/violation.ts'
import type { ExplainedViolation } from '../explain.ts'
import { contractsOf } from '../../../report/contracts-of.ts'
import { renderPlace, renderPlaceBriefly } from '../../../report/formats/problem-text.ts'
import { oneLine } from '../../../report/visible.ts'

export const renderViolations = (violations: readonly ExplainedViolation[]): string =>
  servicesOf(violations)
    .map((service) => {
      const own = violations.filter((each) => each.service === service)
      return [`== the contract of ${service}: ${some(own.length)}`, ...groupLines(own)].join('\n')
    })
    .join('\n')

const groupLines = (violations: readonly ExplainedViolation[]): readonly string[] => {
  const relations = new Set(violations.map(({ object }) => relationOf(object)))
  return [...relations].flatMap((relation) => [
    ...(relation === undefined ? [] : [`-- ${oneLine(relation)}`]),
    ...violations.filter(({ object }) => relationOf(object) === relation).map(renderViolation),
  ])
}

/** One of them by itself. */
export const renderViolation = (violation: ExplainedViolation): string =>
  withPlace(violation, renderPlace)

/** For what has room for few lines. */
export const renderViolationBriefly = (violation: ExplainedViolation): string =>
  withPlace(violation, renderPlaceBriefly)

const withPlace = (violation: ExplainedViolation, placeLines: typeof renderPlace): string => {
  const { service, place, expected, found, why, fix } = violation
  return [
    `error[contract-violated]: ${service}: ${violationTitle(violation)}`,
    ...(place === undefined ? [] : placeLines(place)),
    `  expected: ${oneLine(expected)}`,
    `  found:    ${oneLine(found)}`,
    `  why: ${oneLine(why)}`,
    `  fix: ${fix.replaceAll('\n', '\n    ')}`,
  ].join('\n')
}

/** 'column call_log.recording_mode is missing' */
export const violationTitle = ({
  object,
  aspect,
}: Pick<ExplainedViolation, 'object' | 'aspect'>): string => {
  const shown = oneLine(describeContractObject(object))
  switch (aspect) {
    case 'existence':
      return `${shown} is missing`
    case 'kind':
      return `${shown} is something else`
    case 'validity':
      return object.kind === 'index' ? `${shown} is INVALID` : `${shown} is not validated`
    case 'labels':
      return `${shown} lacks labels, or has them in another order`
    case 'result':
      return `${shown} returns another type`
    case 'uniqueness':
    case 'type':
    case 'nullability':
    case 'default':
    case 'definition':
      return `${shown} has another ${aspect}`
  }
}

/** The last line of a report: it must tell the cause by itself. */
export const violationSummary = (violations: readonly ExplainedViolation[]): string => {
  const [first] = violations
  const services = servicesOf(violations)
  const verb = services.length === 1 ? 'is' : 'are'
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : ''
  const example = first === undefined ? '' : `: ${violationTitle(first)}${more}`
  return `CONTRACT VIOLATED: ${contractsOf(services)} ${verb} violated (${some(violations.length)})${example}; ${services.join(', ')} must not start`
}

const servicesOf = (violations: readonly ExplainedViolation[]): readonly string[] => [
  ...new Set(violations.map(({ service }) => service)),
]

const some = (count: number): string => `${count} violation${count === 1 ? '' : 's'}`
