// An outcome as text: what was done, then what went wrong, so that the last lines of a log tell the cause.

import type { Place, Problem } from '../../../errors/problem.ts'
import type { Outcome } from './outcome.ts'
import { renderProblem } from '../../../report/formats/problem-text.ts'
import { oneLine } from '../../../report/visible.ts'
import { renderViolations, violationSummary } from '../../validate/report/violations-text.ts'

export const renderOutcome = (outcome: Outcome): string =>
  [
    ...reconciledLines(outcome),
    ...appliedLines(outcome),
    ...objectLines(outcome),
    renderEnd(outcome),
  ].join('\n')

/** Without what was done: below a view that has shown it. */
export const renderEnd = (outcome: Outcome): string =>
  [
    ...(outcome.problems.length === 0 ? [] : notAttemptedLines(outcome)),
    ...outcome.problems.map(renderProblem),
    ...(outcome.contractCheck?.violations.length
      ? [renderViolations(outcome.contractCheck.violations)]
      : []),
    summary(outcome),
    '',
  ].join('\n')

/** One line: the result, in the words that operators grep for. */
export const summary = ({
  kind,
  applied,
  objects,
  reconciled,
  notAttempted,
  recorded,
  because,
  contractCheck,
  problems,
  exitCode,
  durationMs,
  database,
}: Outcome): string => {
  const seconds = `${(durationMs / 1_000).toFixed(2)} s`
  const on = database === undefined ? '' : `database ${oneLine(database)}, `
  const changed = objects.filter(({ change }) => change !== 'kept').length
  switch (kind) {
    case 'disabled':
      return `MIGRATIONS_DISABLED: ${because ?? ''}`
    case 'up to date':
      return `Migration completed successfully: up to date, ${recorded ?? 0} recorded (${seconds})`
    case 'done by another process':
      return `Migration completed successfully: another process applied what was pending (${seconds})`
    case 'applied':
      return `Migration completed successfully: ${applied.length} applied, ${changed === 0 ? '' : `${changed} object${changed === 1 ? '' : 's'} changed, `}${reconciled.length === 0 ? '' : `${reconciled.length} reconciled, `}${recorded ?? 0} were recorded before (${seconds})`
    case 'adopted':
      return `Adoption completed: ${reconciled.length} marked as reconciled, ${recorded ?? 0} were recorded before, ${notAttempted.length} left for 'schemagate run' (${seconds})`
    case 'skipped':
      return `Migrations skipped: another process holds the lock (MIGRATION_ON_LOCK_TIMEOUT=skip); some are still pending (${seconds})`
    case 'failed': {
      if (contractCheck !== undefined && problems.length === 0)
        return `${violationSummary(contractCheck.violations)} (${on}exit code ${exitCode})`
      const more = problems.length > 1 ? ` and ${problems.length - 1} more` : ''
      return `MIGRATION FAILED: ${causeOf(problems[0])}${more} (${on}exit code ${exitCode})`
    }
  }
}

/** What a run that failed has changed anyway, on one line; none where it has changed nothing. */
export const progressLines = ({
  applied,
  reconciled,
  partlyDone,
  inDoubt,
  notAttempted,
}: Outcome): readonly string[] => {
  const counts = [
    [applied.length, 'applied'],
    [reconciled.length, 'reconciled'],
    [partlyDone.length, 'partly done'],
    [inDoubt.length, 'in doubt'],
  ] as const
  const begun = counts.filter(([count]) => count > 0)
  return begun.length === 0
    ? []
    : [
        `this run: ${[...begun, [notAttempted.length, 'not attempted'] as const].map(([count, what]) => `${count} ${what}`).join(', ')}`,
      ]
}

const placeInWords = ({ file, line, column }: Place, title: string): string =>
  title.includes(file) ? `line ${line}, column ${column}` : `${file}:${line}:${column}`

// The only line of the log, and the last of the report, must tell the cause by itself.
const causeOf = (first: Problem | undefined): string => {
  if (first === undefined) return ''
  const { title, place, detail } = first
  const at = place === undefined ? '' : ` (${placeInWords(place, title)})`
  const server = detail.find((line) => line.startsWith('SQLSTATE'))
  return oneLine(`${title}${at}${server === undefined ? '' : `: ${server}`}`)
}

// The log named each one as it was applied; a long history is summed up here, so that the cause of a failure stays
// in sight. The JSON report has them all.
const mostListed = 10

const reconciledLines = ({ reconciled }: Outcome): readonly string[] => {
  if (reconciled.length > mostListed) {
    const [first, last] = [reconciled[0], reconciled.at(-1)].map(
      (each) => each?.migration.file ?? '',
    )
    return [`reconciled  ${reconciled.length} migrations, from ${first} to ${last}`]
  }
  return reconciled.map(
    ({ migration, recognisedBy }) => `reconciled  ${migration.file}  ${oneLine(recognisedBy)}`,
  )
}

const appliedLines = ({ applied }: Outcome): readonly string[] => {
  if (applied.length > mostListed) {
    const [first, last] = [applied[0], applied.at(-1)].map((each) => each?.migration.file ?? '')
    return [`applied  ${applied.length} migrations, from ${first} to ${last}`]
  }
  const widest = Math.max(0, ...applied.map(({ migration }) => migration.file.length))
  return applied.map(
    ({ migration, durationMs }) => `applied  ${migration.file.padEnd(widest)}  ${durationMs} ms`,
  )
}

const objectLines = ({ objects }: Outcome): readonly string[] =>
  objects.length > mostListed
    ? [`objects  ${objects.length} changed`]
    : objects.map(
        ({ change, object, file, byHand }) =>
          `${change}  ${oneLine(object)}  ${file}${byHand === undefined ? '' : `  (${byHand.what} by hand before)`}`,
      )

const mostNamed = 5

const notAttemptedLines = ({
  stoppedAt,
  partlyDone,
  inDoubt,
  notAttempted,
}: Outcome): readonly string[] => [
  ...(stoppedAt === undefined ? [] : [`stopped at     ${stoppedAt.file}`]),
  ...firstOf(
    'partly done',
    partlyDone.map(
      ({ migration: { file }, done, of }) =>
        `${file}  ${done} of ${of} statements; the next run goes on from there`,
    ),
  ),
  ...firstOf(
    'in doubt',
    inDoubt.map(({ file }) => file),
  ),
  ...firstOf(
    'not attempted',
    notAttempted.map(({ file }) => file),
  ),
]

const firstOf = (what: string, all: readonly string[]): readonly string[] => {
  const named = all.slice(0, mostNamed)
  const more = all.length - named.length
  return [...named, ...(more > 0 ? [`… and ${more} more`] : [])].map(
    (words) => `${what.padEnd('not attempted'.length)}  ${words}`,
  )
}
