// What can be wrong with a folder that was made for another tool. All is found before the database is asked anything.

import { define, notContacted, shortList, untouched } from '../define.ts'

export const dialectProblems = {
  'dialect-unclear': define({
    category: 'refused',
    title: (facts: { folder: string; tools: readonly string[]; names: readonly string[] }) =>
      `the migrations folder '${facts.folder}' may have been made for ${facts.tools.join(' or ')}`,
    database: notContacted,
    fix: (facts) =>
      `Say which: set MIGRATIONS_DIALECT to ${facts.names.join(' or ')}. If files of two tools got mixed, remove those of one.`,
  }),
  'dialect-misfit': define({
    category: 'refused',
    title: (facts: { file: string; tool: string; reason: string; because: string }) =>
      `${facts.file} does not fit a folder of ${facts.tool}: it ${facts.reason}`,
    detail: (facts) => [`the folder is read as one of ${facts.tool}: ${facts.because}`],
    database: notContacted,
    fix: (facts) =>
      `Correct the file as ${facts.tool} wants it, or move it out of the folder. If the folder was not made for ${facts.tool}, set MIGRATIONS_DIALECT.`,
  }),
  'code-migration': define({
    category: 'refused',
    title: (facts: { file: string; tool: string; others: readonly string[] }) =>
      `${facts.file} is code, which only ${facts.tool} can run`,
    detail: (facts) =>
      facts.others.length === 0 ? [] : [`the same is true of: ${shortList(facts.others)}`],
    database: notContacted,
    fix: () =>
      `Write what it does as SQL, under the same version: schemagate runs nothing but SQL. Where a database has it already, the file is recognised by what it defines.`,
  }),
  'only-by-tool': define({
    category: 'refused',
    title: (facts: { file: string; tool: string; reason: string }) =>
      `schemagate cannot run ${facts.file} as ${facts.tool} would: it ${facts.reason}`,
    database: untouched,
    fix: (facts) =>
      `Write it so that the server alone can run it, or let ${facts.tool} run it on each database first: where it is recorded, schemagate goes on behind it.`,
  }),
  'not-made-here': define({
    category: 'usage',
    title: (facts: { tool: string; reason: string }) =>
      `schemagate does not make a migration in a folder of ${facts.tool}: ${facts.reason}`,
    database: notContacted,
    fix: (facts) => `Make it with ${facts.tool}, as before; schemagate runs what it finds.`,
  }),
  'unset-placeholder': define({
    category: 'usage',
    title: (facts: { file: string; placeholder: string; variable: string }) =>
      `${facts.file} has '${facts.placeholder}', and ${facts.variable} is not set`,
    database: notContacted,
    fix: (facts) => `Set the environment variable ${facts.variable}, as it is set for that tool.`,
  }),
}
