// The subcommands of an ALTER TABLE on a table that was there before the file, each with its own text and place.

import type { AlterTableCmd, ColumnDef, Node } from 'libpg-query'
import { objectKey, type RelationName } from '../../schema/effects/effect.ts'
import { withAttributes } from '../../schema/effects/tables/constraint.ts'
import { ownedObject } from '../../schema/effects/scope.ts'
import { isSkipped } from './defined-before.ts'
import { splitAtCommas } from './sql-text.ts'
import { bodyOf, isNewRelation, resolve, textOf, type Subject } from '../subject/subject.ts'

export type Command = {
  readonly relation: RelationName
  readonly command: AlterTableCmd
  /** As the file has it: 'ADD COLUMN a int'. */
  readonly text: string
  readonly index: number
}

/**
 * None for a table that the file itself has made: it is empty, and nobody uses it. None that ADD COLUMN IF NOT EXISTS skips,
 * because an earlier file has added that column.
 */
export const commandsOnOldTables = (subject: Subject): readonly Command[] =>
  commandsOf(subject).filter(
    ({ relation, command }) =>
      !isNewRelation(subject, relation) && !isPassedOver(subject, relation, command),
  )

const isPassedOver = (
  subject: Subject,
  relation: RelationName,
  command: AlterTableCmd,
): boolean => {
  const name = columnDefinition(command)?.colname
  if (name === undefined || command.missing_ok !== true) return false
  const key = objectKey(ownedObject('column', relation, name))
  return subject.statement.effects.some(
    (effect) =>
      effect.kind === 'create' && objectKey(effect.object) === key && isSkipped(subject, effect),
  )
}

export const commandsOf = (subject: Subject): readonly Command[] => {
  const statement = bodyOf(subject, 'AlterTableStmt')
  if (statement?.objtype !== 'OBJECT_TABLE') return []
  const relation = resolve(subject, statement.relation)
  const commands = (statement.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  )
  const sql = textOf(subject)
  const head = header.exec(sql)?.[0].length ?? 0
  const pieces = splitAtCommas(sql.slice(head))
  return commands.map((command, index) => {
    const piece = pieces.length === commands.length ? pieces[index] : undefined
    return {
      relation,
      command,
      text: piece?.text ?? sql,
      index: subject.statement.start + (piece === undefined ? 0 : head + piece.start),
    }
  })
}

const part = '(?:"(?:[^"]|"")*"|[^\\s".]+)'
const header = new RegExp(
  `^ALTER\\s+TABLE\\s+(?:IF\\s+EXISTS\\s+)?(?:ONLY\\s+)?${part}(?:\\s*\\.\\s*${part})?(?:\\s*\\*)?\\s+`,
  'i',
)

export const columnDefinition = ({ subtype, def }: AlterTableCmd): ColumnDef | undefined =>
  subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined

type Kind = NonNullable<ReturnType<typeof withAttributes>[number]['contype']>

export const columnConstraint = (
  column: ColumnDef,
  kind: Kind,
): ReturnType<typeof withAttributes>[number] | undefined =>
  withAttributes(column.constraints).find(({ contype }) => contype === kind)

/** The default of a column; none for DEFAULT NULL. */
export const defaultNode = (column: ColumnDef): Node | undefined => {
  const node = columnConstraint(column, 'CONSTR_DEFAULT')?.raw_expr
  return node !== undefined && 'A_Const' in node && node.A_Const.isnull === true ? undefined : node
}
