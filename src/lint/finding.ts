// What lint says of one place, as a value. The reports render it.

import type { Place, Problem } from '../errors/problem.ts'
import type { Level } from './rule.ts'

export type Finding = {
  /** The rule's id; of a problem that kept a file from being read, its code. */
  readonly rule: string
  readonly level: Level
  readonly file: string
  readonly place: Place
  readonly message: string
  /** What it does to the running system. */
  readonly effect: string
  /** What to write instead. */
  readonly cure: string
}

/** For formats that know findings only. */
export const findingOf = ({
  code,
  place,
  title,
  detail,
  facts,
  database,
  fix,
}: Problem): Finding => {
  // What concerns no place in a file may still name one.
  const { files } = facts
  const named = [facts['file'], Array.isArray(files) ? (files as unknown[]).at(-1) : undefined]
  const file = place?.file ?? named.find((each) => typeof each === 'string') ?? ''
  return {
    rule: code,
    level: 'error',
    file,
    place: place ?? { file, line: 1, column: 1, excerpt: '' },
    message: title,
    effect: [...detail, database].join(' '),
    cure: fix,
  }
}
