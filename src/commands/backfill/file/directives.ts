// The directives at the top of a backfill: '-- @name value'. What a batch is scanned by must be said, the pace has defaults.

import { problem, type Place, type Problem } from '../../../errors/problem.ts'
import { directiveLines, mistyped } from '../../../migrations/directives/directives.ts'
import { readSqlCheck, type SqlCheck } from '../../../migrations/fingerprint.ts'
import { parseDuration, parseLockTimeout, type Duration } from '../../../sql/duration.ts'
import type { Backfill, TableName } from './backfill.ts'
import { checkDirective } from './check-directive.ts'
import { backfillSchemas, duration, identifier } from './directive-schemas.ts'

type DirectiveName = keyof typeof backfillSchemas
export const backfillDirectives = Object.keys(backfillSchemas) as DirectiveName[]

const defaults = {
  'batch-size': '5000',
  'target-duration': '100ms',
  pause: '0',
  'max-replication-lag': '10s',
  'lock-timeout': '500ms',
  workers: '1',
} as const

type BackfillDirectives = Pick<Backfill, 'table' | 'key' | 'pace' | 'lockedRows' | 'done'>

export type ReadBackfillDirectives =
  | { readonly kind: 'read'; readonly directives: BackfillDirectives }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

type Values = Partial<Record<DirectiveName, { readonly text: string; readonly place: Place }>>

export const readBackfillDirectives = (file: string, text: string): ReadBackfillDirectives => {
  const problems: Problem[] = []
  const values: Values = {}
  for (const line of directiveLines(file, text)) {
    const { name, value, place } = line
    const known = backfillDirectives.find((each) => each === name)
    if (known === undefined) problems.push(...mistyped(line, backfillDirectives))
    else if (values[known] !== undefined)
      problems.push(problem('repeated-directive', { directive: known }, place))
    else if (!isValid(known, value, place)) {
      const facts = { directive: known, value, form: backfillSchemas[known].form }
      problems.push(problem('malformed-directive', facts, place))
      // Reported once: it is not missing as well.
      values[known] = { text: '', place }
    } else values[known] = { text: value, place }
  }
  for (const needed of ['table', 'key'] as const)
    if (values[needed] === undefined)
      problems.push(
        problem('missing-directive', {
          file,
          directive: needed,
          form: backfillSchemas[needed].form,
        }),
      )
  return problems.length > 0
    ? { kind: 'problems', problems }
    : { kind: 'read', directives: directivesOf(values) }
}

const isValid = (name: DirectiveName, value: string, place: Place): boolean => {
  if (checkDirective({ [name]: value }).length > 0) return false
  if (name === 'done') return readSqlCheck(value, place) !== undefined
  return backfillSchemas[name] !== duration || parseDuration(value) !== undefined
}

const directivesOf = (values: Values): BackfillDirectives => {
  const textOf = (name: keyof typeof defaults): string => values[name]?.text ?? defaults[name]
  const off = { ms: 0, text: '0' }
  const durationOf = (name: keyof typeof defaults): Duration => parseDuration(textOf(name)) ?? off
  const [name = '', schemaName] = namesIn(values.table?.text).reverse()
  const { 'time-budget': budget } = values
  return {
    table: { schema: schemaName, name } satisfies TableName,
    key: namesIn(values.key?.text),
    pace: {
      batchSize: Number(textOf('batch-size')),
      targetDuration: durationOf('target-duration'),
      pause: durationOf('pause'),
      maxReplicationLag: durationOf('max-replication-lag'),
      lockTimeout: parseLockTimeout(textOf('lock-timeout')) ?? { ...off, brand: 'lock_timeout' },
      timeBudget: budget === undefined ? undefined : parseDuration(budget.text),
      workers: Number(textOf('workers')),
    },
    lockedRows: values['skip-locked'] === undefined ? 'wait' : 'skip',
    done: doneOf(values),
  }
}

const doneOf = ({ done }: Values): SqlCheck | undefined =>
  done === undefined ? undefined : readSqlCheck(done.text, done.place)

const namesIn = (text = ''): string[] =>
  [...text.matchAll(new RegExp(identifier, 'g'))].map(([name]) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase(),
  )
