// Every rule, in the order in which docs/lint.md tells them.

import type { Rule } from '../rule.ts'
import { unknownAllow, unusedAllow } from './file/allowances.ts'
import { columnTypeChange } from './locking/column-type-change.ts'
import { constraintWithoutNotValid, uniqueWithoutIndex } from './locking/constraints.ts'
import { contractObjectChanged } from './losses/contract-object-changed.ts'
import { dataChange, deleteWithoutKey, truncate } from './losses/data.ts'
import { dropCascade, dropColumn, dropTable } from './losses/drops.ts'
import { duplicateObject, hiddenDefinition } from './history/duplicate-object.ts'
import {
  dropIndexWithoutConcurrently,
  indexWithoutConcurrently,
  reindexWithoutConcurrently,
} from './locking/indexes.ts'
import { makesAndDrops } from './history/makes-and-drops.ts'
import { notNullWithoutCheck, requiredColumn } from './locking/not-null.ts'
import { detachPartition, partitionLocksParent } from './locking/partitions.ts'
import { rename } from './losses/renames.ts'
import { computedColumn, tableRewrite, volatileDefault } from './locking/rewrites.ts'
import {
  disableTrigger,
  lockTable,
  refreshWithoutConcurrently,
  sessionLevelSet,
  sessionsEnded,
} from './file/session.ts'
import { enumValueUsed, mixedConcurrent } from './file/transactions.ts'
import { objectFileUsed } from './history/object-file-used.ts'
import { unguardedStatement } from './history/unguarded-statement.ts'
import { unreadableFile } from './file/unreadable-file.ts'
import { usedBeforeCreated } from './history/used-before-created.ts'

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
  objectFileUsed,
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
