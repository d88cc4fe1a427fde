// What can be wrong with contracts, and with those who name them. Violations of a contract are no problems of ours: they
// are values of their own.

import { define, notContacted, untouched } from './define.ts'

export const contractProblems = {
  'unreadable-contract': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} cannot be read as a contract: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'The folder contracts holds one <service>.json for each service, readable for who runs schemagate; what is no contract belongs elsewhere.',
  }),
  'contract-not-json': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) => `${facts.file} ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'Correct it there: a contract is a JSON object in UTF-8, without comments and without a comma before a closing bracket.',
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
        ? `${facts.file} has ${facts.found} at ${facts.pointer}, which is not known there` +
          (facts.nearest === undefined ? '' : `; did you mean "${facts.nearest}"?`)
        : `${facts.file} has ${facts.found} at ${facts.pointer === '' ? 'its top' : facts.pointer}, which is not valid there`,
    database: notContacted,
    fix: (facts) =>
      `Valid there: ${facts.form}. "schemagate contract schema" prints the JSON Schema, for editors.`,
  }),
  'repeated-contract-member': define({
    category: 'refused',
    title: (facts: { file: string; pointer: string; firstLine: number }) =>
      `${facts.file} says ${facts.pointer} twice, first in line ${facts.firstLine}`,
    database: notContacted,
    fix: () => 'Keep the one that is meant: JSON would silently take the last.',
  }),
  'duplicate-contract': define({
    category: 'refused',
    title: (facts: { service: string; files: readonly string[] }) =>
      `${facts.files.join(' and ')} are both the contract of ${facts.service}`,
    database: notContacted,
    fix: () => 'Each service has one contract: correct "service" in one of them, or join the two.',
  }),
  'no-contracts': define({
    category: 'usage',
    title: (facts: { folder: string }) => `there is no contract in ${facts.folder}`,
    database: notContacted,
    fix: () =>
      'Name the folder of the migrations with MIGRATIONS_DIR; its folder contracts holds one <service>.json for each service. ' +
      '"schemagate contract snapshot --service <name>" writes one from a database.',
  }),
  'unknown-service': define({
    category: 'usage',
    title: (facts: { service: string; nearest: string | undefined; services: readonly string[] }) =>
      `there is no contract of the service ${facts.service}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: notContacted,
    fix: (facts) => `There are contracts of ${facts.services.join(', ')}.`,
  }),
  'contracts-not-named': define({
    category: 'usage',
    title: (facts: { count: number }) =>
      facts.count === 0
        ? 'contract diff needs to be told which contract'
        : `contract diff takes one contract or two, not ${facts.count}`,
    database: notContacted,
    fix: () =>
      'One service or file is compared with the database: "schemagate contract diff api". Two are compared with each other, ' +
      'the old one first: "schemagate contract diff old.json new.json".',
  }),
  'unknown-table': define({
    category: 'usage',
    title: (facts: { table: string; nearest: string | undefined }) =>
      `the database has no table ${facts.table}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: untouched,
    fix: () =>
      'Name tables as the catalog has them, with their schema where the search path does not find them; "schemagate contract snapshot" without --tables shows all.',
  }),
  'contracts-not-readable': define({
    category: 'try again',
    title: () =>
      'the contracts could not be checked: another session is altering a table of theirs',
    detail: (facts: { waitedSeconds: number; message: string }) => [
      `after ${facts.waitedSeconds} s: ${facts.message}`,
    ],
    database: untouched,
    fix: () =>
      'Try again when that session is done. It is among those that this shows:\n' +
      "SELECT pid, usename, application_name, state, query FROM pg_stat_activity WHERE state <> 'idle';",
  }),
  'wait-timeout': define({
    category: 'try again',
    title: (facts: { waitedSeconds: number; pending: number; first: string }) =>
      `waited ${facts.waitedSeconds} s in vain: ${facts.pending} of the migrations are not recorded, the first is ${facts.first}`,
    database: untouched,
    fix: () =>
      'This only waits; it does not migrate. See what the migrating Job does (its log; schemagate status), or wait longer with --timeout.',
  }),
} as const
