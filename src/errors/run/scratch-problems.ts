// What keeps a command from building a history in a database of its own, on the server of SCRATCH_URL.

import { define, notContacted, quoteName, untouched } from '../define.ts'

const yours = 'Your database was not changed, and the scratch database is gone again.'

export const scratchProblems = {
  'no-scratch-server': define({
    category: 'usage',
    title: (facts: { command: string }) =>
      `schemagate ${facts.command} needs a server on which to build the history, and SCRATCH_URL is not set`,
    database: notContacted,
    fix: () =>
      'Start a throw-away server of the version that production has, and name it: docker run --rm -d -p 5499:5432 -e POSTGRES_PASSWORD=scratch postgres:18, then SCRATCH_URL=postgresql://postgres:scratch@localhost:5499/postgres',
  }),
  'scratch-is-database': define({
    category: 'usage',
    title: (facts: { endpoint: string }) =>
      `SCRATCH_URL leads to the database itself: ${facts.endpoint}`,
    database: untouched,
    fix: () =>
      'Name a throw-away server in SCRATCH_URL; its database postgres will do. schemagate makes a database of its own there and drops only that one.',
  }),
  'scratch-not-usable': define({
    category: 'usage',
    title: (facts: { endpoint: string; reason: string; cure: string }) =>
      `no scratch database can be made at ${facts.endpoint}: ${facts.reason}`,
    database: untouched,
    fix: ({ cure }) => cure,
  }),
  'scratch-shares-server': define({
    category: 'refused',
    title: (facts: { endpoint: string; statements: readonly string[] }) =>
      `SCRATCH_URL is on the server of the database, and ${facts.statements.length === 1 ? 'a statement' : `${facts.statements.length} statements`} of the history would reach beyond the scratch database`,
    detail: ({ statements }) => statements,
    database: untouched,
    fix: () =>
      'Roles, settings of databases and tablespaces belong to the whole server: to run such a statement again there could undo what came after it. Name another, throw-away server in SCRATCH_URL.',
  }),
  'scratch-build-failed': define({
    category: 'refused',
    title: (facts: { endpoint: string; reason: string; words: readonly string[] }) =>
      `the history cannot be built on ${facts.endpoint}: ${facts.reason}`,
    detail: ({ words }) => words,
    database: yours,
    fix: () =>
      'Give the scratch server what the files expect to be there already: the roles that they grant to, the extensions that they create, the version that production has. Then run the command again.',
  }),
  'scratch-not-made': define({
    category: 'refused',
    title: (facts: { endpoint: string; database: string; sqlstate: string; message: string }) =>
      `${facts.endpoint} did not make the scratch database ${facts.database}`,
    detail: (facts) => [`SQLSTATE ${facts.sqlstate}: ${facts.message}`],
    database: untouched,
    fix: (facts) =>
      `When the server can make it, run the command again. To try by hand: CREATE DATABASE ${quoteName(facts.database)} TEMPLATE template0;`,
  }),
} as const
