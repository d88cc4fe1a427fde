// Every rule, in the order in which docs/lint.md tells them.

import type { Rule } from './rule.ts'
import { unknownAllow, unusedAllow } from './rules/allowances.ts'
import { columnTypeChange } from './rules/column-type-change.ts'
import { constraintWithoutNotValid, uniqueWithoutIndex } from './rules/constraints.ts'
import { contractObjectChanged } from './rules/contract-object-changed.ts'
import { dataChange, deleteWithoutKey, truncate } from './rules/data.ts'
import { dropCascade, dropColumn, dropTable } from './rules/drops.ts'
import { duplicateObject, hiddenDefinition } from './rules/duplicate-object.ts'
import {
  dropIndexWithoutConcurrently,
  indexWithoutConcurrently,
  reindexWithoutConcurrently,
} from './rules/indexes.ts'
import { makesAndDrops } from './rules/makes-and-drops.ts'
import { notNullWithoutCheck, requiredColumn } from './rules/not-null.ts'
import { detachPartition, partitionLocksParent } from './rules/partitions.ts'
import { rename } from './rules/renames.ts'
import { computedColumn, tableRewrite, volatileDefault } from './rules/rewrites.ts'
import {
  disableTrigger,
  lockTable,
  refreshWithoutConcurrently,
  sessionLevelSet,
  sessionsEnded,
} from './rules/session.ts'
import { enumValueUsed, mixedConcurrent } from './rules/transactions.ts'
import { unguardedStatement } from './rules/unguarded-statement.ts'
import { unreadableFile } from './rules/unreadable-file.ts'
import { usedBeforeCreated } from './rules/used-before-created.ts'

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
