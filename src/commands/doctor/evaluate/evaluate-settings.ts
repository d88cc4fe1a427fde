// What the catalog and the settings hold for a run: INVALID indexes, timeouts. Pure: facts in, findings out.

import { quoteName } from '../../../errors/define.ts'
import type { Examination } from '../facts/examination.ts'
import { note, ok, warning, type Finding } from '../finding.ts'
import type { ServerFacts } from '../facts/server-facts.ts'

export const evaluateIndexes = ({ facts: { invalidIndexes } }: Examination): Finding => {
  const left = invalidIndexes.filter(({ builtBy }) => builtBy === null)
  const built = invalidIndexes.filter(({ builtBy }) => builtBy !== null)
  const building = built.map(
    ({ index, builtBy }) => `${index} is being built by pid ${builtBy ?? ''}`,
  )
  if (left.length === 0)
    return building.length === 0
      ? ok('invalid indexes', 'none')
      : note('invalid indexes', 'none is left over from a failed build', { detail: building })
  return warning(
    'invalid indexes',
    `${left.length} left over from a failed CREATE INDEX CONCURRENTLY or REINDEX: written to, never read, and IF NOT EXISTS takes ${left.length === 1 ? 'it' : 'them'} for there`,
    `Remove what made the build fail (of a unique index: the duplicates), then drop and build again: ${left.map(({ index }) => `DROP INDEX CONCURRENTLY ${index};`).join(' ')}`,
    [...left.map(({ index, definition }) => `${index}: ${definition}`), ...building],
  )
}

type Timeout = ServerFacts['timeouts'][number]

// What we ask before and between migrations has no timeout of its own.
const tooShortMs = 1_000

export const evaluateTimeouts = (examination: Examination): Finding => {
  const { timeouts } = examination.facts
  if (timeouts.length === 0)
    return ok('timeouts', 'none is set for the role, the database or the server')
  const detail = timeouts.map((each) => {
    const { name, ms, source } = each
    return `${name} = ${inUnits(ms)} (${sources[source] ?? source}): ${effectOf(each, examination)}`
  })
  const short = timeouts.filter(({ name, ms }) => name !== 'lock_timeout' && ms < tooShortMs)
  return short.length === 0
    ? note('timeouts', 'some are set; a run has its own where they would harm', { detail })
    : warning(
        'timeouts',
        `${short.map(({ name }) => name).join(', ')}: too short for the queries of a run between migrations`,
        short.map((each) => resetOf(each, examination)).join(' '),
        detail,
      )
}

const sources: Readonly<Record<string, string>> = {
  user: 'of the role',
  database: 'of the database',
  'database user': 'of the role in this database',
  global: 'of all roles',
  'configuration file': 'of the server',
  client: 'of the URL or the pooler',
}

const inUnits = (ms: number): string => (ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`)

const effectOf = ({ name, ms }: Timeout, { limits }: Examination): string => {
  const short = ms < tooShortMs ? '; the queries of schemagate itself must finish within it' : ''
  switch (name) {
    case 'statement_timeout':
      return `migrations run with ${limits.statementTimeout} instead${short}`
    case 'lock_timeout':
      return `migrations run with ${limits.lockTimeout} instead`
    case 'idle_session_timeout':
      return 'a run is never idle outside a transaction for long'
    default:
      return `off for migrations and for the connection that holds the lock${short}`
  }
}

const resetOf = (
  { name, source }: Timeout,
  { facts: { login, database } }: Examination,
): string => {
  const [user, data] = [quoteName(login), quoteName(database)]
  switch (source) {
    case 'user':
      return `ALTER ROLE ${user} RESET ${name};`
    case 'database':
      return `ALTER DATABASE ${data} RESET ${name};`
    case 'database user':
      return `ALTER ROLE ${user} IN DATABASE ${data} RESET ${name};`
    case 'global':
      return `ALTER ROLE ALL RESET ${name};`
    default:
      return `Or for this role alone: ALTER ROLE ${user} SET ${name} = 0;`
  }
}
