// What helps against an error of the server, whichever way the migration runs.

import type { ParsedStatement } from '../sql/parse.ts'
import { asksForLastNumber } from '../sql/session-objects.ts'
import {
  characterNotInRepertoire,
  duplicateColumn,
  duplicateDatabase,
  duplicateFunction,
  duplicateObject,
  duplicateSchema,
  duplicateTable,
  objectInUse,
  objectNotInPrerequisiteState,
  untranslatableCharacter,
} from '../errors/sqlstate.ts'

type StatementNode = ParsedStatement['node']

/** Undefined where nothing of the kind is known. */
export const adviceOn = (sqlstate: string, node: StatementNode | undefined): string | undefined => {
  const condition = alreadyThere[sqlstate]
  if (condition !== undefined) return alone(node) ?? guardAgainst(sqlstate, condition)
  switch (sqlstate) {
    case objectNotInPrerequisiteState:
      return node !== undefined && asksForLastNumber(node)
        ? 'The session that drew the number has ended: ask for it by what its row holds, (SELECT id FROM … WHERE …), in place of currval() or lastval().'
        : undefined
    case untranslatableCharacter:
      return "The database's encoding has no such character. Remove it from the file, including its comments, and from the file's name."
    case characterNotInRepertoire:
      return 'The bytes are not valid text in that encoding. In a database of the encoding SQL_ASCII, which counts bytes, a name of more than 63 is cut inside a character: shorten it.'
    // Of a database: by other sessions.
    case objectInUse:
      return node !== undefined && ('DropdbStmt' in node || 'CreatedbStmt' in node)
        ? undefined
        : 'Rows that the file has changed still wait for their deferred constraints: write SET CONSTRAINTS ALL IMMEDIATE; before this statement, or move it into the next file. If the file has a cursor open on the table, CLOSE it first.'
    default:
      return undefined
  }
}

const alreadyThere: Readonly<Record<string, string>> = {
  [duplicateTable]: 'duplicate_table',
  [duplicateObject]: 'duplicate_object',
  [duplicateColumn]: 'duplicate_column',
  [duplicateFunction]: 'duplicate_function',
  [duplicateSchema]: 'duplicate_schema',
  [duplicateDatabase]: 'duplicate_database',
}

// These refuse a transaction, and with it a DO block.
const alone = (node: StatementNode | undefined): string | undefined => {
  if (node === undefined) return undefined
  const [what, catalog, name] =
    'CreatedbStmt' in node
      ? ['database', 'pg_database', 'datname']
      : 'CreateTableSpaceStmt' in node
        ? ['tablespace', 'pg_tablespace', 'spcname']
        : 'CreateSubscriptionStmt' in node
          ? ['subscription', 'pg_subscription', 'subname']
          : []
  return what === undefined
    ? undefined
    : `The ${what} already exists, created by something other than this file. CREATE ${what.toUpperCase()} has no IF NOT EXISTS and is not possible in a DO block: remove it from the file if the existing one is intended ('SELECT FROM pg_catalog.${catalog} WHERE ${name} = …' shows it), or give it another name.`
}

// Tables, columns and schemas, and what shares their names.
const guarded: readonly string[] = [duplicateTable, duplicateColumn, duplicateSchema]

const guardAgainst = (sqlstate: string, condition: string): string =>
  'The object already exists, created by something other than this file. ' +
  (guarded.includes(sqlstate)
    ? 'Guard the statement with IF NOT EXISTS, or give what it creates another name. A view has OR REPLACE; a constraint has neither:\n'
    : 'Give what the file creates another name, or skip it if it exists: with IF NOT EXISTS or OR REPLACE where the statement has one. Roles, types, domains, policies, constraints, casts, operators, publications have neither:\n') +
  `DO $$ BEGIN\n  <the statement>;\nEXCEPTION WHEN ${condition} THEN NULL;\nEND $$;\n`
