// The locks of ALTER TABLE and its kin: the strongest that one of its subcommands needs, as
// AlterTableGetLockLevel() in PostgreSQL's sources has it. https://www.postgresql.org/docs/current/sql-altertable.html

import type { AlterTableCmd, AlterTableStmt, AlterTableType, Constraint, Node } from 'libpg-query'
import { lock, lockEach, strongest } from './table-lock.ts'
import type { LockedRelation, LockLevel, TableLock } from './table-lock.ts'

export const locksOfAlterTable = ({
  relation,
  cmds,
  objtype,
}: AlterTableStmt): readonly TableLock[] => {
  // ALTER TYPE of a composite type: what it names is not a table, and the typed tables of CASCADE are not in its text.
  if (objtype === 'OBJECT_TYPE') return []
  const of = ofObject(objtype)
  const commands = (cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  )
  const level = strongest(commands.map(levelOfCommand)) ?? 'ACCESS EXCLUSIVE'
  return [...lock(relation, level, of), ...commands.flatMap((each) => locksOfOthers(each, of))]
}

export const ofObject = (objtype: string | undefined): LockedRelation['of'] =>
  objtype === 'OBJECT_INDEX' ? 'index' : objtype === 'OBJECT_SEQUENCE' ? 'sequence' : undefined

/** The tables that a column or a constraint refers to. */
export const locksOfReferences = (element: Node | undefined): readonly TableLock[] => {
  if (element === undefined) return []
  if ('Constraint' in element) return lock(element.Constraint.pktable, 'SHARE ROW EXCLUSIVE')
  if (!('ColumnDef' in element)) return []
  return (element.ColumnDef.constraints ?? []).flatMap(locksOfReferences)
}

const levelOfCommand = ({ subtype, def }: AlterTableCmd): LockLevel => {
  switch (subtype) {
    case 'AT_AddConstraint':
      return constraintOf(def)?.contype === 'CONSTR_FOREIGN'
        ? 'SHARE ROW EXCLUSIVE'
        : 'ACCESS EXCLUSIVE'
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ReplaceRelOptions':
      return levelOfOptions(def)
    case 'AT_DetachPartition':
      return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true
        ? 'SHARE UPDATE EXCLUSIVE'
        : 'ACCESS EXCLUSIVE'
    default:
      return (subtype === undefined ? undefined : weakerLevels[subtype]) ?? 'ACCESS EXCLUSIVE'
  }
}

// All that is not here takes ACCESS EXCLUSIVE.
const weakerLevels: Readonly<Partial<Record<AlterTableType, LockLevel>>> = {
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_DetachPartitionFinalize: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
}

const constraintOf = (def: Node | undefined): Constraint | undefined =>
  def !== undefined && 'Constraint' in def ? def.Constraint : undefined

// The options of reloptions.c that need no more than SHARE UPDATE EXCLUSIVE. Others, and those of extensions, need
// ACCESS EXCLUSIVE.
const lightOptions =
  /^(autovacuum_.*|deduplicate_items|fillfactor|log_autovacuum_min_duration|parallel_workers|toast_tuple_target|vacuum_index_cleanup|vacuum_max_eager_freeze_failure_rate|vacuum_truncate)$/

const levelOfOptions = (def: Node | undefined): LockLevel => {
  const options = def !== undefined && 'List' in def ? (def.List.items ?? []) : []
  return options.every(
    (option) => 'DefElem' in option && lightOptions.test(option.DefElem.defname ?? ''),
  )
    ? 'SHARE UPDATE EXCLUSIVE'
    : 'ACCESS EXCLUSIVE'
}

const locksOfOthers = (
  { subtype, def }: AlterTableCmd,
  of: LockedRelation['of'],
): readonly TableLock[] => {
  switch (subtype) {
    case 'AT_AddColumn':
    case 'AT_AddConstraint':
      return locksOfReferences(def)
    case 'AT_AddInherit':
      return lockEach(def && [def], 'SHARE UPDATE EXCLUSIVE')
    case 'AT_DropInherit':
      return lockEach(def && [def], 'ACCESS SHARE')
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      // ACCESS EXCLUSIVE even if concurrently, in its second transaction.
      return def !== undefined && 'PartitionCmd' in def
        ? lock(def.PartitionCmd.name, 'ACCESS EXCLUSIVE', of)
        : []
    default:
      return []
  }
}
