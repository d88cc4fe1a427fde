// What a verification found, as the detail of the error that it raised: JSON, and nothing else is believed.

export type FailedCheck = {
  /** Which of the subjects. */
  readonly id: number
  readonly expected: string
  readonly found: string
}

/** `undefined` for what no verification says. */
export const readFailedChecks = (
  detail = '',
): readonly [FailedCheck, ...FailedCheck[]] | undefined => {
  try {
    const found: unknown = JSON.parse(detail)
    return Array.isArray(found) && found.every(isFailed) && isNotEmpty(found) ? found : undefined
  } catch {
    return undefined
  }
}

const isFailed = (one: unknown): one is FailedCheck =>
  typeof one === 'object' &&
  one !== null &&
  'id' in one &&
  typeof one.id === 'number' &&
  'expected' in one &&
  typeof one.expected === 'string' &&
  'found' in one &&
  typeof one.found === 'string'

const isNotEmpty = <One>(all: readonly One[]): all is readonly [One, ...One[]] => all.length > 0
