// Comment lines by which other tools cut, guard or rewrite a file before they run it. Whoever runs such a file whole does
// something else than its author meant: in the worst case it makes a table and drops it again, with all its rows.
//
// Not here, because what the tool runs is exactly the whole file: Drizzle's '--> statement-breakpoint' and Migratus' '--;;'
// (the same statements in the same order), Atlas' '-- atlas:nolint', sqitch's '-- Deploy …', MyBatis' '-- // title', and
// Liquibase's '--rollback …', which is in a comment as a whole and means nothing without Liquibase's first line.

type Role =
  /** Comes first in the part that goes up. */
  | 'up'
  /** Stands at the head of a part that undoes. */
  | 'down'
  /** The file is to run outside of a transaction. */
  | 'no transaction'
  /** Changes nothing but how the tool reads the file. */
  | 'line'
  /** Changes the SQL itself, in a way that only the tool knows. */
  | 'rewrites'

export type Marker = {
  readonly tool: string
  /** Of a comment without the dashes and blanks that it begins with. */
  readonly pattern: RegExp
  readonly roles: readonly Role[]
  /** Goes on from "'-- +goose Down' …". */
  readonly means: string
  /** 'first': with nothing before it. 'heading': alone on its line, over statements and not over statements that are commented out. */
  readonly where?: 'first' | 'heading'
}

const up = { roles: ['up'], means: 'begins the part that goes up' } as const
const upWithoutTransaction = {
  roles: ['up', 'no transaction'],
  means: 'begins the part that goes up, which is to run outside of a transaction',
} as const
const down = { roles: ['down'], means: 'begins the part that undoes the migration' } as const
const withoutTransaction = {
  roles: ['no transaction'],
  means: 'says that the file is to run outside of a transaction',
} as const
const line = { roles: ['line'], means: `tells that tool how to read the file` } as const

/** The first that fits a comment counts. */
export const markers: readonly Marker[] = [
  { tool: 'goose', pattern: /^\+goose\s+up\b/i, ...up },
  { tool: 'goose', pattern: /^\+goose\s+down\b/i, ...down },
  { tool: 'goose', pattern: /^\+goose\s+no\s+transaction\b/i, ...withoutTransaction },
  {
    tool: 'goose',
    pattern: /^\+goose\s+envsub(?:st)?\s+on\b/i,
    roles: ['rewrites'],
    means: 'replaces ${…} with values of the environment',
  },
  { tool: 'goose', pattern: /^\+goose\b/i, ...line },
  {
    tool: 'sql-migrate',
    pattern: /^\+migrate\s+up\b.*\bnotransaction\b/i,
    ...upWithoutTransaction,
  },
  { tool: 'sql-migrate', pattern: /^\+migrate\s+up\b/i, ...up },
  { tool: 'sql-migrate', pattern: /^\+migrate\s+down\b/i, ...down },
  { tool: 'sql-migrate', pattern: /^\+migrate\b/i, ...line },
  { tool: 'rockhopper', pattern: /^\+ ?up\s*$/i, ...up },
  { tool: 'rockhopper', pattern: /^\+ ?down\s*$/i, ...down },
  { tool: 'rockhopper', pattern: /^\+ ?(?:begin|end)\s*$/i, ...line },
  { tool: 'micrate', pattern: /^\+micrate\s+up\b/i, ...up },
  { tool: 'micrate', pattern: /^\+micrate\s+down\b/i, ...down },
  { tool: 'micrate', pattern: /^\+micrate\b/i, ...line },
  { tool: 'another tool', pattern: /^\+[a-z][\w-]*[\s:]+up\b/i, ...up },
  { tool: 'another tool', pattern: /^\+[a-z][\w-]*[\s:]+down\b/i, ...down },
  { tool: 'dbmate', pattern: /^migrate:up\b.*\btransaction:\s*false\b/i, ...upWithoutTransaction },
  { tool: 'dbmate', pattern: /^migrate:up\b/i, ...up },
  { tool: 'dbmate', pattern: /^migrate:down\b/i, ...down },
  { tool: 'node-pg-migrate', pattern: /^up\s+migration/i, ...up },
  { tool: 'node-pg-migrate', pattern: /^down\s+migration/i, ...down },
  { tool: 'tern', pattern: /^create above \/ drop below\b/i, ...down },
  { tool: 'tern', pattern: /^tern:\s*disable-tx\b/i, ...withoutTransaction },
  { tool: 'MyBatis Migrations', pattern: /^\/\/\s*@undo\b/i, ...down },
  { tool: 'rambler', pattern: /^rambler\s+up\b/i, ...up },
  { tool: 'rambler', pattern: /^rambler\s+down\b/i, ...down },
  { tool: 'Play evolutions', pattern: /^!\s*ups\b/i, ...up },
  { tool: 'Play evolutions', pattern: /^!\s*downs\b/i, ...down },
  { tool: 'Aerich', pattern: /^upgrade\s*--\s*$/i, ...up },
  { tool: 'Aerich', pattern: /^downgrade\s*--\s*$/i, ...down },
  {
    tool: 'sqitch',
    pattern: /^revert\s+\S+\s+from\s+(?:pg|postgres\w*|cockroach|yugabyte)\s*$/i,
    ...down,
  },
  {
    tool: 'sqitch',
    pattern: /^verify\s+\S+\s+on\s+(?:pg|postgres\w*|cockroach|yugabyte)\s*$/i,
    ...line,
    where: 'first',
  },
  {
    tool: 'Liquibase',
    pattern: /^liquibase\s+formatted\b/i,
    roles: ['line'],
    means:
      'makes it a changelog, whose changesets have conditions of their own (dbms, contexts, preconditions, runOnChange)',
  },
  {
    tool: 'Liquibase',
    pattern: /^changeset\s+[^:\s]+:\S/i,
    roles: ['line'],
    means:
      'begins a changeset, which has conditions of its own (dbms, contexts, preconditions, runOnChange)',
  },
  { tool: 'graphile-migrate', pattern: /^!\s*no-transaction\b/i, ...withoutTransaction },
  {
    tool: 'graphile-migrate',
    pattern: /^!\s*include\s+\S/i,
    roles: ['rewrites'],
    means: 'includes the text of another file',
  },
  {
    tool: 'graphile-migrate',
    pattern: /^!\s*(?:previous|hash|message)\s*:|^!\s*AllowInvalidHash\b/i,
    roles: ['line'],
    means:
      'makes it a committed migration, in which placeholders such as :DATABASE_NAME are filled in',
  },
  { tool: 'Atlas', pattern: /^atlas:txmode\s+none\b/i, ...withoutTransaction },
  {
    tool: 'Atlas',
    pattern: /^atlas:(?:delimiter|checkpoint|txtar|import|assert)\b/i,
    roles: ['rewrites'],
    means: 'makes Atlas run something other than the file as it is',
  },
  { tool: 'Atlas', pattern: /^atlas:(?:txmode|sum)\b/i, ...line },
  { tool: 'sqlx', pattern: /^no-transaction\b/i, ...withoutTransaction, where: 'first' },
  { tool: 'yoyo', pattern: /^transactional:\s*false\b/i, ...withoutTransaction, where: 'first' },
  {
    tool: 'another tool',
    pattern:
      /^[^\w\n\r]*(?:(?:migrat\w*|sql|section|script|step)[\s:._-]*)?(?:downs?|downgrade|undo|rollback|revert|reverse)(?:[\s:._-]*(?:migration|script|sql|section|steps?))?[^\w\n\r]*$/i,
    ...down,
    where: 'heading',
  },
]
