// The commands of psql in a deploy script: those that only set psql up or print something become blanks; of any other, psql would
// have to run it. https://www.postgresql.org/docs/current/app-psql.html

import { tokensOf } from '../../../sql/text/tokens.ts'
import type { Misfit } from '../dialect.ts'
import { placeAt } from '../../../sql/text/offsets.ts'

// What a migration that fails ends with is ours to decide: with an error.
const harmless =
  /^\\(?:set\s+(?:ON_ERROR_STOP(?:\s+(?:on|1|true|yes))?|ON_ERROR_ROLLBACK\s+(?:off|0)|(?:QUIET|VERBOSITY|ECHO|SHOW_CONTEXT)\b[^\\]*)|unset\s+(?:QUIET|ECHO)|(?:q?echo|warn|pset|timing|x|a|t)\b[^\\]*|encoding\s+'?utf-?8'?)\s*$/i

type Cut = {
  /** As long as the script. */
  readonly text: string
  /** The first that only psql could run. */
  readonly other: Misfit | undefined
}

export const withoutCommands = (file: string, text: string, variables: readonly string[]): Cut => {
  if (!/\\|:/.test(text)) return { text, other: undefined }
  let cut = text
  let other: Misfit | undefined
  let end = 0
  for (const { kind, start } of tokensOf(text)) {
    if (kind !== 'sign' || start < end) continue
    const line = /^[^\n]*/.exec(text.slice(start))?.[0] ?? ''
    const found = text[start] === '\\' ? line : variableIn(line, text[start - 1], variables)
    if (found === undefined) continue
    if (text[start] === '\\') end = start + line.length
    if (harmless.test(found.trimEnd()))
      cut = cut.slice(0, start) + ' '.repeat(line.length) + cut.slice(end)
    else
      other ??= {
        reason: `has '${found.trim()}', which only psql can follow`,
        place: placeAt(file, text, start),
      }
  }
  return { text: cut, other }
}

/** ':name', where sqitch.conf sets it: without, psql leaves it as it is. */
const variableIn = (
  line: string,
  before: string | undefined,
  variables: readonly string[],
): string | undefined => {
  const [found, name] = /^:['"]?([A-Za-z_]\w*)['"]?/.exec(line) ?? []
  return before !== ':' && (name === 'registry' || variables.includes(name ?? ''))
    ? found
    : undefined
}
