// What the role may do, against what the ledger and the files that would run need. Pure: facts in, findings out.

import { quoteName } from '../../../errors/define.ts'
import { problem } from '../../../errors/problem.ts'
import { ledgerTable } from '../../../database/ledger/ledger.ts'
import type { Examination } from '../facts/examination.ts'
import { note, obstacle, ok, refused, type Finding } from '../finding.ts'

export const evaluateRole = ({ server, facts: { role, login, owners } }: Examination): Finding => {
  const { name, superuser, memberOf } = role
  const { role: wanted } = server.searchPath
  // With something pending a run, and so this report, ends there.
  if (wanted !== undefined && !isUsable(server))
    return note(
      'role',
      server.migrationRole === 'unknown'
        ? `${wanted} (MIGRATION_ROLE) does not exist; with nothing pending it need not`
        : `${login} is not allowed to SET ROLE to ${wanted} (MIGRATION_ROLE); with nothing pending it need not`,
      { advice: 'Correct it before the next migration: a run with something pending exits 2.' },
    )
  const who = wanted === undefined ? name : `${name} (MIGRATION_ROLE, set by ${login})`
  if (superuser) return ok('role', `${who}, a superuser, which has every privilege`)
  const membership =
    memberOf.length === 0 ? 'inherits from no other role' : `member of ${inBrief(memberOf)}`
  const sentence = `${who}, not a superuser, ${membership}`
  const foreign = owners.filter(({ member }) => !member)
  if (foreign.length === 0) return ok('role', sentence)
  return note('role', sentence, {
    detail: foreign.map(
      ({ owner, tables, becomes }) =>
        `${tables} table${tables === 1 ? '' : 's'} of the search path belong${tables === 1 ? 's' : ''} to ${owner}, ${becomes ? 'whose rights it does not inherit' : 'which it is not a member of'}`,
    ),
    advice: `A migration that alters one of them fails, unless: ${cureOf(foreign, role.name)}`,
  })
}

const isUsable = ({ migrationRole }: Examination['server']): boolean => migrationRole === 'allowed'

const mostNamed = 8

const inBrief = (names: readonly string[]): string =>
  names.length > mostNamed
    ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
    : names.join(', ')

type Foreign = { readonly owner: string; readonly becomes: boolean }

/** How the role gets the rights of these owners. */
const cureOf = (foreign: readonly Foreign[], role: string): string => {
  const owners = [...new Set(foreign.map(({ owner }) => owner))]
  // Whoever is a member without inheriting has nothing from a further GRANT.
  return owners.length === 1 && foreign.every(({ becomes }) => becomes)
    ? `MIGRATION_ROLE=${owners.join()}, which ${role} may become.`
    : owners.map((each) => `GRANT ${quoteName(each)} TO ${quoteName(role)};`).join(' ')
}

export const evaluateLedgerRights = ({
  ledger: state,
  ledgerSchema,
  preview,
  server,
  facts: { ledger, login, database },
}: Examination): readonly Finding[] => {
  // Reported there, with the server's own words.
  if (state.kind === 'unreadable') return []
  const table = ledgerTable(ledgerSchema)
  const lacking = lackingFor(ledger)
  // Said where another role runs the migrations.
  const who = server.searchPath.role === undefined ? '' : `${login} `
  if (lacking === undefined)
    return [
      ok(
        'ledger rights',
        `${who}${ledger.exists ? `may read and write ${table}` : `may create ${table}`}`,
      ),
    ]
  const facts = { ledger: table, user: login, database, message: `it lacks ${lacking}` }
  return preview.pending === 0
    ? [
        note(
          'ledger rights',
          `${who}may not write ${table} (it lacks ${lacking}); with nothing pending it need not`,
        ),
      ]
    : [
        refused('ledger rights', `a run could not record anything in ${table}`, [
          problem('ledger-not-permitted', facts),
        ]),
      ]
}

const lackingFor = ({
  schemaExists,
  createsSchemas,
  createsInSchema,
  exists,
  selects,
  inserts,
  locks,
}: Examination['facts']['ledger']): string | undefined => {
  if (exists) {
    const lacking = [
      ...(selects ? [] : ['SELECT']),
      ...(inserts ? [] : ['INSERT']),
      ...(locks ? [] : ['UPDATE']),
    ]
    return lacking.length === 0 ? undefined : `${lacking.join(', ')} on the table`
  }
  if (schemaExists) return createsInSchema ? undefined : 'CREATE on its schema'
  return createsSchemas ? undefined : 'CREATE on the database'
}

export const evaluateSchemaRights = ({
  server,
  preview: { needs },
  facts: { schemas, role, database },
}: Examination): Finding | readonly Finding[] => {
  if (!isUsable(server)) return []
  const { createsIn, createsSchemas } = needs
  const neededIn = new Map(createsIn.map(({ schema, file }) => [schema, file]))
  const closed = schemas.filter(({ creates }) => !creates)
  const missing = closed.flatMap(({ name }) => {
    const file = neededIn.get(name)
    return file === undefined ? [] : [{ name, file }]
  })
  const existing = new Set(schemas.map(({ name }) => name))
  const newSchemas = role.createsSchemas
    ? []
    : createsSchemas.filter(({ schema }) => !existing.has(schema))
  if (missing.length > 0 || newSchemas.length > 0)
    return obstacle(
      'schema rights',
      'migration failed',
      'the role may not create what pending files create',
      {
        detail: [
          ...missing.map(({ name, file }) => `${file}: lacks CREATE on schema ${name}`),
          ...newSchemas.map(
            ({ schema, file }) => `${file}: lacks CREATE on the database, for schema ${schema}`,
          ),
        ],
        advice: [
          ...missing.map(
            ({ name }) => `GRANT CREATE ON SCHEMA ${quoteName(name)} TO ${quoteName(role.name)};`,
          ),
          ...(newSchemas.length === 0
            ? []
            : [`GRANT CREATE ON DATABASE ${quoteName(database)} TO ${quoteName(role.name)};`]),
        ].join(' '),
      },
    )
  const target = server.searchPath.schemas.find((name) => existing.has(name))
  if (target === undefined)
    return note(
      'schema rights',
      'no schema of the search path exists: a CREATE TABLE without a schema fails',
    )
  if (!closed.some(({ name }) => name === target))
    return ok(
      'schema rights',
      `may create in ${target}, the first schema of the search path that exists`,
    )
  return note(
    'schema rights',
    `may not create in ${target}, the first schema of the search path that exists`,
    {
      advice: `No pending file does. For one that will: GRANT CREATE ON SCHEMA ${quoteName(target)} TO ${quoteName(role.name)};`,
    },
  )
}

export const evaluateOwnership = ({
  preview: { needs },
  facts: { relations, role },
}: Examination): readonly Finding[] => {
  if (needs.altered.length === 0) return []
  const foreign = relations.filter(({ owned }) => !owned)
  if (foreign.length === 0)
    return [
      ok('ownership', `the role owns what pending files alter (${relations.length} that exist)`),
    ]
  return [
    obstacle(
      'ownership',
      'migration failed',
      'the role does not own all that pending files alter',
      {
        detail: foreign.map(({ schema, name, owner }) => {
          const needed = needs.altered.find((each) => each.schema === schema && each.name === name)
          return `${needed?.file ?? ''}: ${schema}.${name} belongs to ${owner}`
        }),
        advice: cureOf(foreign, role.name),
      },
    ),
  ]
}
