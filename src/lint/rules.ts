// Every rule, in the order in which docs/lint.md tells them.

import type { Rule } from './rule.ts'
import { unknownAllow, unusedAllow } from './rules/file/allowances.ts'
import { columnTypeChange } from './rules/locking/column-type-change.ts'
import { constraintWithoutNotValid, uniqueWithoutIndex } from './rules/locking/constraints.ts'
import { contractObjectChanged } from './rules/losses/contract-object-changed.ts'
import { dataChange, deleteWithoutKey, truncate } from './rules/losses/data.ts'
import { dropCascade, dropColumn, dropTable } from './rules/losses/drops.ts'
import { duplicateObject, hiddenDefinition } from './rules/history/duplicate-object.ts'
import {
  dropIndexWithoutConcurrently,
  indexWithoutConcurrently,
  reindexWithoutConcurrently,
} from './rules/locking/indexes.ts'
import { makesAndDrops } from './rules/history/makes-and-drops.ts'
import { notNullWithoutCheck, requiredColumn } from './rules/locking/not-null.ts'
import { detachPartition, partitionLocksParent } from './rules/locking/partitions.ts'
import { rename } from './rules/losses/renames.ts'
import { computedColumn, tableRewrite, volatileDefault } from './rules/locking/rewrites.ts'
import {
  disableTrigger,
  lockTable,
  refreshWithoutConcurrently,
  sessionLevelSet,
  sessionsEnded,
} from './rules/file/session.ts'
import { enumValueUsed, mixedConcurrent } from './rules/file/transactions.ts'
import { unguardedStatement } from './rules/history/unguarded-statement.ts'
import { unreadableFile } from './rules/file/unreadable-file.ts'
import { usedBeforeCreated } from './rules/history/used-before-created.ts'

export const rules: readonly Rule[] = [
  duplicateObject,
  hiddenDefinition,
  makesAndDrops,
  contractObjectChanged,
  requiredColumn,
  mixedConcurrent,
  enumValueUsed,
  unknownAllow,
  usedBeforeCreated,
  unguardedStatement,
  indexWithoutConcurrently,
  dropIndexWithoutConcurrently,
  reindexWithoutConcurrently,
  refreshWithoutConcurrently,
  constraintWithoutNotValid,
  uniqueWithoutIndex,
  notNullWithoutCheck,
  volatileDefault,
  computedColumn,
  columnTypeChange,
  tableRewrite,
  partitionLocksParent,
  rename,
  dropColumn,
  dropTable,
  dropCascade,
  truncate,
  deleteWithoutKey,
  detachPartition,
  dataChange,
  lockTable,
  disableTrigger,
  sessionLevelSet,
  sessionsEnded,
  unreadableFile,
  unusedAllow,
]
