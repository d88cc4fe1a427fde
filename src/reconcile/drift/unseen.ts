// Statements of which the text does not show what they do to the schema, and which objects each may have had a hand in. Rather too
// many than one too few: what one of these may have done is not called drift.

import type { Node } from 'libpg-query'
import type { ObjectName } from '../../schema/effects/effect.ts'
import type { History, ReadStatement } from '../../schema/history/history.ts'
import { placeOfChange } from '../refuse.ts'
import type { Unseen } from './item.ts'

export type UnseenAt = Unseen & {
  readonly at: number
  /** Infinity for a file that the parser cannot read. */
  readonly statement: number
  readonly mayTouch: (object: ObjectName) => boolean
}

// They change rows and rights, which are not compared.
const harmless: readonly string[] = [
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'GRANT or REVOKE'],
  ...['Alter Owner', 'Alter Default Privileges', 'Grant Role', 'Vacuum', 'Refresh Mat View'],
]

/** In the order of the history. */
export const unseenIn = (history: History): readonly UnseenAt[] => {
  const own = new Set(
    history.timelines.flatMap(({ object }) =>
      object.kind === 'function' ? [object.name.slice(0, object.name.indexOf('('))] : [],
    ),
  )
  return history.migrations.flatMap(({ migration, statements }, at): readonly UnseenAt[] => {
    const { file } = migration
    if (statements === undefined)
      return [
        {
          ...{ file, at, statement: Number.POSITIVE_INFINITY, place: undefined },
          ...{ what: 'SQL that the parser cannot read', because: 'does not show it' },
          mayTouch: () => true,
        },
      ]
    return statements.flatMap((statement, index) => {
      const { opaqueReason: what } = statement
      if (what === undefined || harmless.includes(what)) return []
      const text = JSON.stringify(statement.node)
      const words = wordsOf(text)
      if (isPlainSelect(statement.node, words, own)) return []
      const isDynamic = runsWhatNobodySees(statement, words, own)
      return [
        {
          ...{ file, what, because: 'does not show it', at, statement: index },
          place: placeOfChange({ at, statement: index }, history),
          mayTouch: ({ table, name }) =>
            !makesNothingCompared(statement.node) &&
            (isDynamic || words.has(plain(name)) || (table !== '' && words.has(plain(table)))),
        },
      ]
    })
  })
}

// They name what is compared, and change nothing of it.
const makesNothingCompared = (node: Node): boolean =>
  ('DefineStmt' in node && defined.includes(node.DefineStmt.kind ?? '')) ||
  others.some((each) => each in node)

const others = [
  ...['CreateCastStmt', 'CreateEventTrigStmt', 'AlterEventTrigStmt'],
  ...['AlterTSConfigurationStmt', 'CommentStmt'],
]

const defined = [
  ...['OBJECT_AGGREGATE', 'OBJECT_OPERATOR', 'OBJECT_TSCONFIGURATION', 'OBJECT_TSDICTIONARY'],
  ...['OBJECT_TSPARSER', 'OBJECT_TSTEMPLATE'],
]

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [])

// Of a function, without its arguments.
const plain = (name: string): string => name.toLowerCase().replace(/\(.*$/s, '')

// It calls none of the functions that the files make: the server's own make nothing.
const isPlainSelect = (node: Node, words: ReadonlySet<string>, own: ReadonlySet<string>): boolean =>
  'SelectStmt' in node && ![...own].some((name) => words.has(name.toLowerCase()))

const runsWhatNobodySees = (
  { node }: ReadStatement,
  words: ReadonlySet<string>,
  own: ReadonlySet<string>,
): boolean =>
  'CallStmt' in node ||
  'SelectStmt' in node ||
  ('DoStmt' in node &&
    (words.has('execute') || [...own].some((name) => words.has(name.toLowerCase()))))
