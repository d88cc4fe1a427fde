// Whether a statement may be in one transaction with other files, and do there exactly what it does in its own. What is not
// known to is said not to: a list of what may join, not of what may not. Pure.

import type { Node } from 'libpg-query'
import { onlyComputes } from './known-functions.ts'
import { callsAmong, isTree, stringsOf, subtrees, type Call, type Tree } from '../tree/tree.ts'

/**
 * What may run, or be put off, behind a statement without any text that shows it; each includes those before it. `rows`: what
 * writes rows may (triggers, deferred checks, defaults). `definitions`: also what reads or checks the rows of a table.
 * `everything`: any statement (event triggers).
 */
export type Unseen = 'nothing' | 'rows' | 'definitions' | 'everything'

export type Sharing = {
  /** It joins as long as no more than this may run unseen; undefined: never. */
  readonly joinsUntil: Unseen | undefined
  readonly leaves: Unseen
  /** Bare names of the tables that it writes rows into, where a sequence may give a number. */
  readonly fills: readonly string[]
  /** The bare name of a table that it makes with columns of its own only. */
  readonly makes: string | undefined
  readonly makesSequence: boolean
  /** About how many locks it holds until the transaction ends. */
  readonly locks: number
}

const order: readonly Unseen[] = ['nothing', 'rows', 'definitions', 'everything']

export const moreUnseen = (one: Unseen, other: Unseen): Unseen =>
  order.indexOf(one) < order.indexOf(other) ? other : one

export const mayJoin = ({ joinsUntil }: Sharing, unseen: Unseen): boolean =>
  joinsUntil !== undefined && order.indexOf(unseen) <= order.indexOf(joinsUntil)

type KindOf<N> = N extends unknown ? keyof N : never
type Kind = KindOf<Node>

// They look at no row.
const definitions: readonly Kind[] = [
  ...(['CreateStmt', 'ViewStmt', 'CreateFunctionStmt', 'CreateTrigStmt', 'RuleStmt'] as const),
  ...(['CreateEnumStmt', 'CompositeTypeStmt', 'CreateDomainStmt', 'CreateSchemaStmt'] as const),
  ...(['CreateSeqStmt', 'AlterSeqStmt', 'CreatePolicyStmt', 'AlterPolicyStmt'] as const),
  ...(['AlterFunctionStmt', 'RenameStmt', 'AlterObjectSchemaStmt', 'CommentStmt'] as const),
  ...(['GrantStmt', 'AlterOwnerStmt', 'AlterDefaultPrivilegesStmt'] as const),
]

const rowWriters: readonly Kind[] = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']

// They have a transaction of their own, and nothing of them is left for the next file.
const ending: readonly Kind[] = [
  ...([
    'VariableSetStmt',
    'VariableShowStmt',
    'DiscardStmt',
    'LockStmt',
    'ConstraintsSetStmt',
  ] as const),
  ...([
    'TransactionStmt',
    'AlterEnumStmt',
    'CopyStmt',
    'TruncateStmt',
    'RefreshMatViewStmt',
  ] as const),
  ...(['VacuumStmt', 'ReindexStmt', 'ClusterStmt', 'CreateRoleStmt', 'AlterRoleStmt'] as const),
  ...(['GrantRoleStmt', 'AlterRoleSetStmt', 'AlterDatabaseSetStmt', 'AlterSystemStmt'] as const),
  ...(['DropRoleStmt', 'NotifyStmt', 'ListenStmt', 'CreateStatsStmt'] as const),
]

const dropped: readonly unknown[] = [
  ...[
    'OBJECT_TABLE',
    'OBJECT_INDEX',
    'OBJECT_VIEW',
    'OBJECT_MATVIEW',
    'OBJECT_SEQUENCE',
    'OBJECT_TYPE',
  ],
  ...['OBJECT_DOMAIN', 'OBJECT_FUNCTION', 'OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_SCHEMA'],
]

// Those that look at no row, as far as their constraints do not.
const tableCommands: readonly unknown[] = [
  ...['AT_AddColumn', 'AT_DropColumn', 'AT_ColumnDefault', 'AT_DropNotNull', 'AT_SetNotNull'],
  ...[
    'AT_AddConstraint',
    'AT_DropConstraint',
    'AT_AlterConstraint',
    'AT_AddIdentity',
    'AT_SetIdentity',
  ],
  ...['AT_DropIdentity', 'AT_EnableRowSecurity', 'AT_DisableRowSecurity', 'AT_ChangeOwner'],
  ...['AT_SetStatistics', 'AT_SetStorage', 'AT_SetRelOptions', 'AT_ReplicaIdentity'],
]

const rowChecking: readonly unknown[] = ['AT_AlterColumnType', 'AT_ValidateConstraint']

// Their scripts make functions, types and operators, and nothing that runs by itself.
const plainExtensions: readonly unknown[] = [
  ...['pgcrypto', 'uuid-ossp', 'citext', 'pg_trgm', 'btree_gin', 'btree_gist', 'hstore', 'ltree'],
  ...['intarray', 'unaccent', 'fuzzystrmatch', 'tablefunc', 'cube', 'earthdistance', 'plpgsql'],
]

const never = (leaves: Unseen): Sharing => ({
  joinsUntil: undefined,
  ...{ leaves, fills: [], makes: undefined, makesSequence: false, locks: 0 },
})

/** Nothing is known of it. */
export const unknownSharing = never('definitions')

export const sharingOf = (node: Node): Sharing => {
  const [kind] = Object.keys(node) as [Kind]
  const trees = subtrees(node)
  const makesSequence = kind === 'CreateSeqStmt' || trees.some(isSerial)
  if (kind === 'CreateEventTrigStmt') return never('everything')
  if (kind === 'CreateExtensionStmt' && 'CreateExtensionStmt' in node)
    return plainExtensions.includes(node.CreateExtensionStmt.extname)
      ? { ...never('nothing'), joinsUntil: 'definitions', locks: 100 }
      : never('everything')
  if (ending.includes(kind)) return { ...never('nothing'), makesSequence }
  const calls = callsAmong(trees)
  const unknown = calls.filter((call) => !onlyComputes(call))
  if (kind === 'SelectStmt' && calls.every(endsWithFile)) return never('nothing')
  const locks = 2 + trees.filter(locksMore).length * 2 + (kind === 'CreateStmt' ? 4 : 0)
  if (rowWriters.includes(kind))
    return unknown.length > 0
      ? unknownSharing
      : { ...never('nothing'), joinsUntil: 'nothing', fills: fillsOf(trees), locks }
  const until = joinsUntil(node, kind, trees)
  if (until === undefined) return { ...unknownSharing, makesSequence }
  const others = unknown.filter(({ name }) => name !== 'nextval')
  return {
    joinsUntil: until === 'definitions' || unknown.length === 0 ? until : undefined,
    leaves: leftBy(kind, trees, others.length > 0 ? 'unknown calls' : 'known calls', unknown),
    ...{ fills: [], makes: madeBy(node), makesSequence, locks },
  }
}

// What these leave in the session or the transaction ends with the file's own.
const sessionCalls =
  /^(set_config|setval|nextval|currval|lastval|pg_sleep|pg_notify|pg_(try_)?advisory_\w+)$/

const endsWithFile = (call: Call): boolean => onlyComputes(call) || sessionCalls.test(call.name)

const joinsUntil = (node: Node, kind: Kind, trees: readonly Tree[]): Unseen | undefined => {
  // What is temporary ends with its file.
  if (trees.some(({ relpersistence }) => relpersistence === 't')) return undefined
  if (definitions.includes(kind)) return 'definitions'
  if ('DropStmt' in node)
    return dropped.includes(node.DropStmt.removeType) ? 'definitions' : undefined
  if ('IndexStmt' in node)
    return trees.some((tree) => 'expr' in tree) || node.IndexStmt.whereClause !== undefined
      ? 'rows'
      : 'definitions'
  if ('CreateTableAsStmt' in node) return 'nothing'
  if (kind === 'AlterDomainStmt') return 'rows'
  if (!('AlterTableStmt' in node)) return undefined
  const commands = (node.AlterTableStmt.cmds ?? []).map((each) =>
    'AlterTableCmd' in each ? each.AlterTableCmd.subtype : undefined,
  )
  if (!commands.every((each) => tableCommands.includes(each) || rowChecking.includes(each)))
    return undefined
  return commands.some((each) => rowChecking.includes(each)) || trees.some(checksRows)
    ? 'rows'
    : 'definitions'
}

const leftBy = (
  kind: Kind,
  trees: readonly Tree[],
  calls: 'unknown calls' | 'known calls',
  unknown: readonly unknown[],
): Unseen => {
  const isRead = kind === 'ViewStmt' || kind === 'CreateFunctionStmt' || kind === 'CreatePolicyStmt'
  if (calls === 'unknown calls') return isRead ? 'rows' : 'definitions'
  const runsLater = kind === 'CreateTrigStmt' || kind === 'RuleStmt' || kind === 'CreatePolicyStmt'
  return runsLater || unknown.length > 0 || trees.some(isDeferrable) ? 'rows' : 'nothing'
}

const isDeferrable = ({ deferrable, initdeferred, contype }: Tree): boolean =>
  deferrable === true || initdeferred === true || contype === 'CONSTR_ATTR_DEFERRABLE'

const isSerial = ({ contype, typeName, subtype }: Tree): boolean =>
  contype === 'CONSTR_IDENTITY' ||
  subtype === 'AT_AddIdentity' ||
  (isTree(typeName) && /serial\d?$/.test(stringsOf(typeName['names']).at(-1) ?? ''))

// A default that is not a constant, and what a row must fulfil.
const checksRows = ({ contype, raw_expr: expression }: Tree): boolean =>
  contype === 'CONSTR_CHECK' ||
  contype === 'CONSTR_EXCLUSION' ||
  contype === 'CONSTR_GENERATED' ||
  (contype === 'CONSTR_DEFAULT' && !(isTree(expression) && 'A_Const' in expression))

const withIndex: readonly unknown[] = ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION']

const locksMore = (tree: Tree): boolean =>
  withIndex.includes(tree['contype']) || isSerial(tree) || tree['contype'] === 'CONSTR_FOREIGN'

// Whose columns come from another table may take their numbers from its sequence.
const madeBy = (node: Node): string | undefined => {
  if (!('CreateStmt' in node)) return undefined
  const { relation, tableElts = [], inhRelations = [], partbound, ofTypename } = node.CreateStmt
  const isOwn =
    inhRelations.length === 0 &&
    partbound === undefined &&
    ofTypename === undefined &&
    !tableElts.some((each) => 'TableLikeClause' in each)
  return isOwn ? relation?.relname : undefined
}

const fillsOf = (trees: readonly Tree[]): readonly string[] =>
  trees.flatMap((tree) =>
    ['InsertStmt', 'UpdateStmt', 'MergeStmt'].flatMap((kind) => {
      const statement = tree[kind]
      const relation = isTree(statement) ? statement['relation'] : undefined
      return isTree(relation) ? [String(relation['relname'])] : []
    }),
  )
