// What can be wrong with the tables that pending files touch, before anything runs.

import { define, untouched } from '../define.ts'

type Drift = {
  readonly difference: 'missing' | 'different' | 'extra'
  readonly object: string
  readonly property: string | undefined
  readonly expected: string | undefined
  readonly found: string | undefined
  readonly file: string | undefined
  readonly line: number | undefined
}

const mostShown = 8

/** 'column customer.note, default: …': one thing that differs, and who made it otherwise. */
export const describeDrift = ({
  difference,
  object,
  property,
  expected,
  found,
  file,
  line,
}: Drift): string => {
  const by = file === undefined ? undefined : line === undefined ? file : `${file}:${line}`
  switch (difference) {
    case 'missing':
      return `${object} is missing; ${by ?? 'a recorded file'} makes it`
    case 'different':
      return `${object}${property === undefined ? '' : `, ${property}`}: ${found ?? 'nothing'} in the database, ${expected ?? 'nothing'} by ${by ?? 'a recorded file'}`
    case 'extra':
      return `${object} exists, ${by === undefined ? 'and no recorded file makes it' : `though ${by} has dropped it`}`
  }
}

export const driftProblems = {
  drifted: define({
    category: 'refused',
    title: ({ drift: [first, ...more] }: { drift: readonly Drift[] }) =>
      `what pending files touch is not as the recorded files make it: ${first?.object ?? ''}${more.length === 0 ? '' : ` and ${more.length} more`}`,
    detail: ({ drift }) => [
      ...drift.slice(0, mostShown).map(describeDrift),
      ...(drift.length > mostShown ? [`… and ${drift.length - mostShown} more`] : []),
    ],
    database: untouched,
    fix: () =>
      "'schemagate drift' shows all that differs. Put back what was not meant; write what was meant into a migration, with IF EXISTS or IF NOT EXISTS, and run it first. Name what other programs make in drift.ignore beside the migrations. DRIFT=warn reports the same, and runs.",
  }),
} as const
