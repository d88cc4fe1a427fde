// Where the texts of a contract and of the database differ, they may still mean the same: 'int4[]' and 'integer[]',
// IN ('a', 'b') and = ANY (ARRAY['a', 'b']). Then the server compares them, in its own words. The parser is loaded for it.

import { readEvidence } from '../../catalog/read-evidence.ts'
import type { UnresolvedDifference, Violation } from '../../contract/violation.ts'
import { identifier } from '../../database/literal.ts'
import type { Session } from '../../database/session/session.ts'
import { readHistory, type LoginPath } from '../../schema/history/history.ts'
import type { Timeline } from '../../schema/history/model/timeline.ts'
import { checksumOf, versionOf } from '../../migrations/migration.ts'
import { loadDeparser } from '../../sql/tree/deparse.ts'
import { asWritten } from '../../sql/tree/naming.ts'
import { loadParser, type Parse } from '../../sql/tree/parse.ts'

export type ServerComparison = { readonly loginPath: LoginPath; readonly timeoutMs: number }

/** Those that are left. One more round trip. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const compareOnServer = async (
  session: Session,
  violations: readonly Violation[],
  { loginPath, timeoutMs }: ServerComparison,
): Promise<readonly Violation[]> => {
  if (violations.every(({ unresolved }) => unresolved === undefined)) return violations
  const parse = await loadParser(asWritten)
  const asked = violations.flatMap((violation) => {
    const timeline = violation.unresolved && timelineOf(violation.unresolved, parse, loginPath)
    return timeline === undefined ? [] : [{ violation, timeline }]
  })
  if (asked.length === 0) return violations
  const { evidence } = await readEvidence(session, {
    timelines: asked.map(({ timeline }) => timeline),
    checks: [],
    deparse: await loadDeparser(parse),
    timeoutMs,
    role: loginPath.role,
  })
  const same = new Set(
    asked.flatMap(({ violation }, index) =>
      evidence[index]?.matches.at(-1) === true ? [violation] : [],
    ),
  )
  return violations.filter((violation) => !same.has(violation))
}

// The contract's text as the statement that would make it: what files define is compared in just that way. It is only read.
const timelineOf = (
  unresolved: UnresolvedDifference,
  parse: Parse,
  loginPath: LoginPath,
): Timeline | undefined => {
  const text = statementOf(unresolved)
  const migration = {
    ...{ version: versionOf('1'), name: 'contract', file: 'contract', text },
    ...{ checksum: checksumOf(text), directives: {} },
  }
  const { timelines, migrations } = readHistory([migration], { parse, loginPath })
  // A text that is more than one definition is none.
  if (migrations[0]?.statements?.length !== 1) return undefined
  const { kind, property } = subjectOf(unresolved)
  return timelines.find(
    (timeline) => timeline.object.kind === kind && timeline.property === property,
  )
}

const subjectOf = ({
  is,
}: UnresolvedDifference): Pick<Timeline['object'] & Timeline, 'kind' | 'property'> => {
  switch (is) {
    case 'type':
    case 'default':
      return { kind: 'column', property: is }
    case 'index':
    case 'constraint':
      return { kind: is, property: 'definition' }
  }
}

const statementOf = ({ is, relation, name, unique, sql }: UnresolvedDifference): string => {
  const table = `${identifier(relation.schema)}.${identifier(relation.name)}`
  const own = identifier(name)
  switch (is) {
    case 'type':
      return `ALTER TABLE ${table} ADD COLUMN ${own} ${sql}`
    case 'default':
      return `ALTER TABLE ${table} ADD COLUMN ${own} text DEFAULT ${sql}`
    case 'index':
      return `CREATE ${unique === true ? 'UNIQUE ' : ''}INDEX ${own} ON ${table} ${sql.trimStart().startsWith('(') ? sql : `USING ${sql}`}`
    case 'constraint':
      return `ALTER TABLE ${table} ADD CONSTRAINT ${own} ${sql}`
  }
}
