// The list of all codes in docs/troubleshooting.md, from the registry that the program itself reads.

import { exitCodes } from '../../src/errors/exit-codes.ts'
import { registry } from '../../src/errors/registry.ts'

export const exitCodeOf = (code: keyof typeof registry): number =>
  exitCodes[registry[code].category]

/** A row for each, in the order of the alphabet: what two branches add seldom meets in one line. */
export const codesAsMarkdown = (): string => {
  const codes = Object.keys(registry).sort() as (keyof typeof registry)[]
  return [
    '| code | exit code |',
    '| --- | --- |',
    ...codes.map((code) => `| \`${code}\` | ${exitCodeOf(code)} |`),
  ].join('\n')
}
