// Statements that reach beyond the database that they run in: roles, other databases, tablespaces, the server's settings and files.
// A dump of the database does not have what they make, and a server that is not thrown away keeps it. Pure.

import type { Place } from '../../errors/problem.ts'
import { placeOfChange } from '../../reconcile/refuse.ts'
import type { History, ReadStatement } from '../../schema/history/history.ts'

export type BeyondDatabase = {
  /** 'CREATE ROLE' */
  readonly what: string
  readonly place: Place | undefined
}

const always: Readonly<Record<string, string>> = {
  CreateRoleStmt: 'CREATE ROLE',
  AlterRoleStmt: 'ALTER ROLE',
  AlterRoleSetStmt: 'ALTER ROLE … SET',
  DropRoleStmt: 'DROP ROLE',
  GrantRoleStmt: 'GRANT or REVOKE of a role',
  DropOwnedStmt: 'DROP OWNED',
  ReassignOwnedStmt: 'REASSIGN OWNED',
  CreatedbStmt: 'CREATE DATABASE',
  AlterDatabaseStmt: 'ALTER DATABASE',
  AlterDatabaseSetStmt: 'ALTER DATABASE … SET',
  AlterDatabaseRefreshCollStmt: 'ALTER DATABASE … REFRESH COLLATION VERSION',
  DropdbStmt: 'DROP DATABASE',
  AlterSystemStmt: 'ALTER SYSTEM',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  AlterTableSpaceOptionsStmt: 'ALTER TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
  AlterSubscriptionStmt: 'ALTER SUBSCRIPTION',
  DropSubscriptionStmt: 'DROP SUBSCRIPTION',
}

// What some statements are about decides.
const shared: Readonly<Record<string, string>> = {
  OBJECT_ROLE: 'a role',
  OBJECT_DATABASE: 'a database',
  OBJECT_TABLESPACE: 'a tablespace',
  OBJECT_PARAMETER_ACL: 'a setting',
  OBJECT_SUBSCRIPTION: 'a subscription',
}

const about: Readonly<Record<string, { readonly words: string; readonly field: string }>> = {
  RenameStmt: { words: 'RENAME of', field: 'renameType' },
  AlterOwnerStmt: { words: 'OWNER TO of', field: 'objectType' },
  CommentStmt: { words: 'COMMENT ON', field: 'objtype' },
  SecLabelStmt: { words: 'SECURITY LABEL ON', field: 'objtype' },
  GrantStmt: { words: 'GRANT or REVOKE ON', field: 'objtype' },
}

/** In the order of the files; what a DO block or a function may do is not seen. */
export const beyondDatabase = (history: History): readonly BeyondDatabase[] =>
  history.migrations.flatMap(({ statements = [] }, at) =>
    statements.flatMap((each, statement): readonly BeyondDatabase[] => {
      const what = whatOf(each)
      return what === undefined ? [] : [{ what, place: placeOfChange({ at, statement }, history) }]
    }),
  )

const whatOf = ({ node }: ReadStatement): string | undefined => {
  const [kind = '', value] = Object.entries(node)[0] ?? []
  const fields = value as Readonly<Record<string, unknown>>
  if (kind === 'CopyStmt')
    return fields['filename'] === undefined ? undefined : 'COPY of a file or program of the server'
  const subject = about[kind]
  if (subject === undefined) return always[kind]
  const object = shared[String(fields[subject.field])]
  return object && `${subject.words} ${object}`
}
