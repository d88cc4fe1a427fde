// What can be wrong with contracts, and with those who name them. Violations of a contract are not problems: they
// are values of their own.

import { define, notContacted, someMigrations, untouched } from '../define.ts'

export const contractProblems = {
  'unreadable-contract': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} cannot be read as a contract: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'The folder contracts holds one <service>.json for each service, readable by the user that runs schemagate. Move anything else out of it.',
  }),
  'contract-not-json': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) => `${facts.file} ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'Correct it at the place shown: a contract is a JSON object in UTF-8, without comments and without trailing commas.',
  }),
  'malformed-contract': define({
    category: 'refused',
    title: (facts: {
      file: string
      pointer: string
      found: string
      isUnknown: boolean
      nearest: string | undefined
      form: string
    }) =>
      facts.isUnknown
        ? `${facts.file} has ${facts.found} at ${facts.pointer}, which schemagate does not know` +
          (facts.nearest === undefined ? '' : `; did you mean "${facts.nearest}"?`)
        : `${facts.file} has ${facts.found} at ${facts.pointer === '' ? 'its top' : facts.pointer}, which is not allowed there`,
    database: notContacted,
    fix: (facts) =>
      `Allowed there: ${facts.form}. "schemagate contract schema" prints the JSON Schema, for editors.`,
  }),
  'repeated-contract-member': define({
    category: 'refused',
    title: (facts: { file: string; pointer: string; firstLine: number }) =>
      `${facts.file} has ${facts.pointer} twice, first on line ${facts.firstLine}`,
    database: notContacted,
    fix: () => 'Keep one of them: JSON would silently use the last.',
  }),
  'duplicate-contract': define({
    category: 'refused',
    title: (facts: { service: string; files: readonly string[] }) =>
      `${facts.files.join(' and ')} are both the contract of ${facts.service}`,
    database: notContacted,
    fix: () =>
      'Each service has one contract: correct "service" in one of the files, or merge them.',
  }),
  'no-contracts': define({
    category: 'usage',
    title: (facts: { folder: string }) => `there is no contract in ${facts.folder}`,
    database: notContacted,
    fix: () =>
      'Set MIGRATIONS_DIR to the migrations folder; its folder contracts holds one <service>.json for each service. "schemagate contract snapshot --service <name>" writes one from a database.',
  }),
  'unknown-service': define({
    category: 'usage',
    title: (facts: { service: string; nearest: string | undefined; services: readonly string[] }) =>
      `there is no contract of the service ${facts.service}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: notContacted,
    fix: (facts) => `Services with a contract: ${facts.services.join(', ')}.`,
  }),
  'contracts-not-named': define({
    category: 'usage',
    title: (facts: { count: number }) =>
      facts.count === 0
        ? 'contract diff needs the name of a contract'
        : `contract diff takes one contract or two, not ${facts.count}`,
    database: notContacted,
    fix: () =>
      'One service or file is compared with the database: "schemagate contract diff api". Two are compared with each other, the old one first: "schemagate contract diff old.json new.json".',
  }),
  'unknown-table': define({
    category: 'usage',
    title: (facts: { table: string; nearest: string | undefined }) =>
      `the database has no table ${facts.table}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: untouched,
    fix: () =>
      'Use the name in the catalog, with its schema if the search_path does not find the table; "schemagate contract snapshot" without --tables lists all tables.',
  }),
  'contracts-not-readable': define({
    category: 'try again',
    title: () =>
      'the contracts could not be checked: another session is altering a table that they name',
    detail: (facts: { waitedSeconds: number; message: string }) => [
      `after ${facts.waitedSeconds} s: ${facts.message}`,
    ],
    database: untouched,
    fix: () =>
      'Try again when that session has finished. It is one of these:\n' +
      "SELECT pid, usename, application_name, state, query FROM pg_stat_activity WHERE state <> 'idle';",
  }),
  'wait-timeout': define({
    category: 'try again',
    title: (facts: { waitedSeconds: number; pending: number; first: string }) =>
      `gave up after ${facts.waitedSeconds} s, with ${someMigrations(facts.pending)} not recorded yet (first: ${facts.first})`,
    database: untouched,
    fix: () =>
      'This command only waits; it does not migrate. Check the Job that migrates (its log, or schemagate status), or wait longer with --timeout.',
  }),
} as const
