// Who tells a person or a machine what goes on: the log, or, to a person at a terminal, the view. Both hear the same events.

import type { LogFormat, LogLevel } from '../config/config.ts'
import type { Environment } from '../config/variables/read-variables.ts'
import { loadPart } from '../errors/part.ts'
import { makeLog, type Teller } from './log/log.ts'
import { narrate } from './log/narrate.ts'
import type { Redact } from './redact.ts'

export type TellerOptions = {
  readonly format: LogFormat
  readonly level: LogLevel
  readonly environment: Environment
  readonly runId: string
  readonly redact: Redact
}

export const openTeller = async (options: TellerOptions): Promise<Teller> => {
  const { format, level, environment, runId, redact } = options
  if (isViewed(options)) {
    const { openView } = await loadPart('terminal view', import('./terminal/view.ts'))
    return openView(redact)
  }
  const colour = process.stderr.isTTY && isUnset(environment, 'NO_COLOR') ? 'colour' : 'plain'
  const log = makeLog({ format, level, colour, runId, redact })
  return {
    kind: 'log',
    log,
    announce: (event) => {
      log(narrate(event))
    },
    end: () => undefined,
  }
}

// A terminal may know no size.
const leastColumns = 40
const leastRows = 8

// Who asks for another level wants lines; who forces colours reads them with a program.
const isViewed = ({ format, level, environment }: TellerOptions): boolean =>
  process.stderr.isTTY &&
  process.stderr.columns >= leastColumns &&
  process.stderr.rows >= leastRows &&
  format === 'text' &&
  level === 'info' &&
  isColourful(environment) &&
  isUnset(environment, 'FORCE_COLOR')

/** May what goes to a terminal have colours? https://no-color.org */
export const isColourful = (environment: Environment): boolean =>
  isUnset(environment, 'NO_COLOR') && environment['TERM'] !== 'dumb'

const isUnset = (environment: Environment, name: string): boolean =>
  (environment[name] ?? '') === ''
