// What can be wrong with flags, environment and files that hold secrets. Values of secrets never get here.

import { define, notContacted } from '../define.ts'

const didYouMean = (nearest: string | undefined): string =>
  nearest === undefined ? '' : `; did you mean ${nearest}?`

export const configProblems = {
  'unknown-command': define({
    category: 'usage',
    title: (facts: { command: string; nearest: string | undefined }) =>
      facts.command === ''
        ? 'a command is missing'
        : `there is no command '${facts.command}'${didYouMean(facts.nearest)}`,
    database: notContacted,
    fix: () => `'schemagate --help' lists the commands.`,
  }),
  'unknown-flag': define({
    category: 'usage',
    title: (facts: { flag: string; nearest: string | undefined; command: string }) =>
      `'schemagate ${facts.command}' has no flag ${facts.flag}${didYouMean(facts.nearest)}`,
    database: notContacted,
    fix: (facts) => `'schemagate ${facts.command} --help' lists the flags.`,
  }),
  'unexpected-argument': define({
    category: 'usage',
    title: (facts: { argument: string; command: string }) =>
      `'${facts.argument}' is one argument too many for 'schemagate ${facts.command}'`,
    database: notContacted,
    fix: (facts) => `'schemagate ${facts.command} --help' shows the form.`,
  }),
  'unknown-variable': define({
    category: 'usage',
    title: (facts: { name: string; nearest: string | undefined }) =>
      `schemagate does not read the environment variable ${facts.name}${didYouMean(facts.nearest)}`,
    database: notContacted,
    fix: (facts) =>
      `Rename or unset ${facts.name}; 'schemagate run --help' lists the variables that it reads.`,
  }),
  'malformed-value': define({
    category: 'usage',
    title: (facts: {
      name: string
      value: string | undefined
      reason: string
      form: string
      /** In place of the form, where it is more than that. */
      cure?: string | undefined
    }) =>
      facts.value === undefined
        ? `${facts.name} ${facts.reason}`
        : `${facts.name} is '${facts.value}', which ${facts.reason}`,
    database: notContacted,
    fix: (facts) => facts.cure ?? `Set ${facts.name} to ${facts.form}.`,
  }),
  'ambiguous-role': define({
    category: 'usage',
    title: (facts: { role: string }) =>
      `SERVICE_ROLE is '${facts.role}', which does not say whether this container migrates`,
    detail: () => [
      "Only the exact role 'migrate' migrates; with a misspelled one the schema would silently stay outdated.",
    ],
    database: notContacted,
    fix: () => 'Set SERVICE_ROLE=migrate, or decide with RUN_MIGRATIONS=1 or RUN_MIGRATIONS=0.',
  }),
  'secret-file-unreadable': define({
    category: 'usage',
    title: (facts: { name: string; reason: string }) =>
      `the file that ${facts.name} names cannot be read: ${facts.reason}`,
    database: notContacted,
    fix: (facts) =>
      `Check that the secret is mounted at the path in ${facts.name}, that it is a regular UTF-8 file (or a link to one), and that this user may read it.`,
  }),
  'given-twice': define({
    category: 'usage',
    title: (facts: { name: string }) => `both ${facts.name} and ${facts.name}_FILE are set`,
    database: notContacted,
    fix: (facts) => `Unset one of them; ${facts.name}_FILE is the safer one for a secret.`,
  }),
  'no-database-named': define({
    category: 'usage',
    title: () => 'no database is named',
    database: notContacted,
    fix: () =>
      'Set DATABASE_URL (or DATABASE_URL_DIRECT and DATABASE_URL_POOLER, or PGHOST and the other PG* variables).',
  }),
  'folder-missing': define({
    category: 'usage',
    title: (facts: { folder: string; reason: string }) =>
      `the migrations folder '${facts.folder}' ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'Set MIGRATIONS_DIR (or --migrations-dir) to the folder with the .sql files; in a container, check the COPY or the mount.',
  }),
  'folder-empty': define({
    category: 'usage',
    title: (facts: { folder: string }) => `the migrations folder '${facts.folder}' is empty`,
    detail: () => [
      'A gate without migrations would let services start on any schema, so it stays shut.',
    ],
    database: notContacted,
    fix: () =>
      "Check the COPY or the mount of the folder, or create the first migration with 'schemagate new <name>'.",
  }),
  'bad-migration-name': define({
    category: 'usage',
    title: (facts: { name: string }) =>
      facts.name === ''
        ? 'a name for the migration is missing'
        : `'${facts.name}' is not a valid name for a migration`,
    database: notContacted,
    fix: () => "Use letters, digits, '_' and '-', for example: schemagate new add_call_log_timing.",
  }),
  'file-not-written': define({
    category: 'usage',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} cannot be written (${facts.reason})`,
    database: notContacted,
    fix: () => 'Check the name, the folder, and that this user may write to it.',
  }),
} as const
