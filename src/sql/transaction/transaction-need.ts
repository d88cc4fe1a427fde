// Which statements refuse to run inside a transaction block, and which would end ours. The list is that of
// PreventInTransactionBlock() in PostgreSQL's sources, and blocks that commit by themselves; what is not on it, the server decides.

import type { Node } from 'libpg-query'
import type { RowsMark } from '../text/dump-parts.ts'
import { doBody } from '../tree/do-body.ts'
import { settingsIn, type Setting } from './settings.ts'
import { tokensOf } from '../text/tokens.ts'

export type TransactionNeed =
  | { readonly kind: 'any' }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'control'; readonly statement: string }
  | { readonly kind: 'copy through client' }
  /** It changes how the server reads the text behind it, which is on the server already. */
  | { readonly kind: 'other reading'; readonly setting: string; readonly value: string }
  | { readonly kind: 'no transaction'; readonly statement: string }

const noMatter: TransactionNeed = { kind: 'any' }

const noTransaction = (statement: string): TransactionNeed => ({
  kind: 'no transaction',
  statement,
})

const noTransactionIf = (condition: unknown, statement: string): TransactionNeed =>
  condition === true ? noTransaction(statement) : noMatter

const hasOption = (options: readonly Node[] | undefined, name: string): boolean =>
  isOn(options, name) !== undefined

// A Boolean option as PostgreSQL's defGetBoolean() reads it: a name alone means true. Undefined when it is not given.
const isOn = (options: readonly Node[] | undefined, name: string): boolean | undefined => {
  for (const option of options ?? []) {
    if (!('DefElem' in option) || option.DefElem.defname !== name) continue
    const { arg } = option.DefElem
    if (arg !== undefined && 'Integer' in arg) return (arg.Integer.ival ?? 0) !== 0
    return !(arg !== undefined && 'String' in arg && /^(false|off)$/i.test(arg.String.sval ?? ''))
  }
  return undefined
}

// The default of create_slot is that of connect. https://www.postgresql.org/docs/current/sql-createsubscription.html
const createsSlot = (options: readonly Node[] | undefined): boolean =>
  isOn(options, 'create_slot') ?? isOn(options, 'connect') ?? true

const publicationChanges: readonly unknown[] = [
  'ALTER_SUBSCRIPTION_SET_PUBLICATION',
  'ALTER_SUBSCRIPTION_ADD_PUBLICATION',
  'ALTER_SUBSCRIPTION_DROP_PUBLICATION',
]

const isConcurrentDetach = (command: Node): boolean => {
  if (!('AlterTableCmd' in command)) return false
  const { def } = command.AlterTableCmd
  return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true
}

// Within PL/pgSQL these stand alone and end the transaction that the block runs in, which must not be one of BEGIN.
// https://www.postgresql.org/docs/current/plpgsql-transactions.html
const endsTransaction = (body: string): boolean => {
  const words = tokensOf(body).flatMap(({ kind, start, end }) =>
    kind === 'blank' || kind === 'comment' ? [] : [body.slice(start, end).toLowerCase()],
  )
  return words.some(
    (word, at) =>
      (word === 'commit' || word === 'rollback') &&
      beforeStatement.includes(words[at - 1] ?? ';') &&
      /^(and (no )?chain )?;/.test(words.slice(at + 1, at + 5).join(' ')),
  )
}

const beforeStatement = [';', 'begin', 'then', 'else', 'loop']

type KindOf<N> = N extends unknown ? keyof N : never
type NodeKind = KindOf<Node>
type Body<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind]

const deciders: { readonly [Kind in NodeKind]?: (body: Body<Kind>) => TransactionNeed } = {
  TransactionStmt: ({ kind, options }) => {
    switch (kind) {
      case 'TRANS_STMT_SAVEPOINT':
      case 'TRANS_STMT_RELEASE':
      case 'TRANS_STMT_ROLLBACK_TO':
        return noMatter
      case 'TRANS_STMT_BEGIN':
      case 'TRANS_STMT_START':
        return options === undefined
          ? { kind: 'begin' }
          : { kind: 'control', statement: 'BEGIN with options of its own' }
      case 'TRANS_STMT_COMMIT':
        return { kind: 'commit' }
      default:
        return {
          kind: 'control',
          statement:
            kind === 'TRANS_STMT_PREPARE'
              ? 'PREPARE TRANSACTION'
              : (kind ?? '').replace('TRANS_STMT_', '').replace('_', ' '),
        }
    }
  },
  VariableSetStmt: ({ kind, name, args }) =>
    kind === 'VAR_SET_MULTI' && name?.startsWith('TRANSACTION') === true && !isAccessOnly(args)
      ? { kind: 'control', statement: 'SET TRANSACTION' }
      : noMatter,
  CopyStmt: ({ filename, is_program }) =>
    filename === undefined && is_program !== true ? { kind: 'copy through client' } : noMatter,
  IndexStmt: ({ concurrent }) => noTransactionIf(concurrent, 'CREATE INDEX CONCURRENTLY'),
  DropStmt: ({ concurrent }) => noTransactionIf(concurrent, 'DROP INDEX CONCURRENTLY'),
  ReindexStmt: ({ kind, params }) =>
    isOn(params, 'concurrently') === true
      ? noTransaction('REINDEX CONCURRENTLY')
      : noTransactionIf(
          kind !== 'REINDEX_OBJECT_INDEX' && kind !== 'REINDEX_OBJECT_TABLE',
          'REINDEX of a schema or database',
        ),
  AlterTableStmt: ({ cmds }) =>
    noTransactionIf((cmds ?? []).some(isConcurrentDetach), 'DETACH PARTITION CONCURRENTLY'),
  VacuumStmt: ({ is_vacuumcmd }) => noTransactionIf(is_vacuumcmd, 'VACUUM'),
  ClusterStmt: ({ relation }) => noTransactionIf(relation === undefined, 'CLUSTER of all tables'),
  DiscardStmt: ({ target }) => noTransactionIf(target === 'DISCARD_ALL', 'DISCARD ALL'),
  CreatedbStmt: () => noTransaction('CREATE DATABASE'),
  DropdbStmt: () => noTransaction('DROP DATABASE'),
  AlterDatabaseStmt: ({ options }) =>
    noTransactionIf(hasOption(options, 'tablespace'), 'ALTER DATABASE … SET TABLESPACE'),
  CreateTableSpaceStmt: () => noTransaction('CREATE TABLESPACE'),
  DropTableSpaceStmt: () => noTransaction('DROP TABLESPACE'),
  AlterSystemStmt: () => noTransaction('ALTER SYSTEM'),
  CreateSubscriptionStmt: ({ options }) =>
    noTransactionIf(createsSlot(options), 'CREATE SUBSCRIPTION'),
  AlterSubscriptionStmt: ({ kind, options }) =>
    noTransactionIf(
      kind === 'ALTER_SUBSCRIPTION_REFRESH' ||
        (publicationChanges.includes(kind) && isOn(options, 'refresh') !== false),
      'ALTER SUBSCRIPTION with refresh',
    ),
  DoStmt: (block) =>
    noTransactionIf(endsTransaction(doBody({ DoStmt: block }) ?? ''), 'a DO block that commits'),
  DropSubscriptionStmt: () => noTransaction('DROP SUBSCRIPTION'),
}

// READ WRITE is what the transaction is.
const isAccessOnly = (args: readonly Node[] = []): boolean =>
  args.every(
    (option) =>
      'DefElem' in option &&
      option.DefElem.defname === 'transaction_read_only' &&
      option.DefElem.arg !== undefined &&
      'A_Const' in option.DefElem.arg &&
      option.DefElem.arg.A_Const.ival?.ival === undefined,
  )

// A message is cut into literals, and put into the server's encoding, before the first of its statements runs; psql sends one
// statement after the other.
const readingAfter = ({ name, values: [value] }: Setting): readonly TransactionNeed[] => {
  if (value === undefined) return []
  const changes =
    name === 'standard_conforming_strings'
      ? !/^(on|true|t|yes|y|1)$/i.test(value)
      : name === 'client_encoding' && !/^(utf-?8|unicode)$/i.test(value)
  return changes ? [{ kind: 'other reading', setting: name ?? '', value }] : []
}

const isBinary = (node: Node): boolean =>
  'CopyStmt' in node &&
  (node.CopyStmt.options ?? []).some(
    (option) =>
      'DefElem' in option &&
      option.DefElem.defname === 'format' &&
      JSON.stringify(option.DefElem.arg).includes('"binary"'),
  )

/** `rows` are those of a COPY from the client, which are sent with it. */
export const transactionNeed = (node: Node, rows?: RowsMark): TransactionNeed => {
  if (rows !== undefined && !isBinary(node)) return noMatter
  const [reading] = settingsIn(node).flatMap(readingAfter)
  if (reading !== undefined) return reading
  for (const [kind, body] of Object.entries(node)) {
    const decide = deciders[kind as NodeKind] as ((body: unknown) => TransactionNeed) | undefined
    if (decide !== undefined) return decide(body)
  }
  return noMatter
}
