// What shows of statements in a text that is not read as a whole: the body of a DO block, a file that the parser gives up on.
// It is unknown whether they run; what one of them would remove counts as removed, and what one would make as perhaps made.

import type { Node } from 'libpg-query'
import type { Effect } from '../effects/effect.ts'
import type { Scope } from '../effects/scope.ts'
import { statementEffects } from '../effects/statement-effects.ts'
import { rowEffectsOf, type RowEffects } from '../effects/rows/take.ts'
import type { TakenName } from '../effects/rows/taken-name.ts'
import type { Parse } from '../../sql/tree/parse.ts'

export type EmbeddedStatements = Omit<RowEffects, 'untrackedCreations'> & {
  readonly mayMake: readonly TakenName[]
  /** Each statement that shows, with its effects, should it run. */
  readonly within: readonly { readonly node: Node; readonly effects: readonly Effect[] }[]
}

export const noStatements: EmbeddedStatements = { takes: [], fills: [], mayMake: [], within: [] }

const starts =
  /\b(?:CREATE\s+(?:UNLOGGED\s+|FOREIGN\s+|MATERIALIZED\s+)?(?:TABLE|VIEW|SCHEMA|SEQUENCE|TYPE|DOMAIN|EXTENSION)|ALTER\s+(?:FOREIGN\s+|MATERIALIZED\s+)?(?:TABLE|VIEW|TYPE)|DROP\s+[A-Z]+|TRUNCATE|DELETE\s+FROM|INSERT\s+INTO|UPDATE|MERGE\s+INTO)\b/gi

export const embeddedStatements = (
  text: string,
  parse: Parse,
  scope: Omit<Scope, 'chosen'>,
): EmbeddedStatements => {
  if (text === '') return noStatements
  const bare = text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
  const nodes = [...bare.matchAll(starts)].flatMap(({ index }) =>
    firstStatement(bare, index, parse),
  )
  // A temporary table of the block is the block's own.
  const within = { ...scope, temporary: new Set(scope.temporary) }
  const seen = nodes.map((node) => {
    const rowEffects = rowEffectsOf(node, within)
    const { effects } = statementEffects(node, within)
    const made = effects.flatMap(({ kind, object }) => (kind === 'create' ? [object] : []))
    return { ...rowEffects, mayMake: [...made, ...rowEffects.untrackedCreations], node, effects }
  })
  return {
    takes: seen.flatMap(({ takes }) => takes),
    fills: seen.flatMap(({ fills }) => fills),
    mayMake: seen.flatMap(({ mayMake }) => mayMake),
    within: seen.map(({ node, effects }) => ({ node, effects })),
  }
}

// Up to a semicolon, or to the quote that ends the string it is in (EXECUTE '…').
const firstStatement = (text: string, start: number, parse: Parse): readonly Node[] => {
  for (const end of [/;|$/, /['$]|\|\||$/]) {
    const length = end.exec(text.slice(start))?.index
    const parsed = parse(text.slice(start, start + (length ?? 0)))
    const [first] = parsed.kind === 'parsed' ? parsed.statements : []
    if (first !== undefined) return [first.node]
  }
  return []
}
