// Lints an example as the command would lint its folder.

import type { Contract } from '../../../src/contract/contract.ts'
import type { Finding } from '../../../src/lint/finding.ts'
import { lint } from '../../../src/lint/lint.ts'
import type { Example } from '../../../src/lint/rule.ts'
import { readDirectives } from '../../../src/migrations/directives/directives.ts'
import { checksumOf, type Migration } from '../../../src/migrations/migration.ts'
import { asMigration } from '../../../src/objects/load.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'
import { aMigration } from '../a-migration.ts'

const parse = await loadParser()

const isObject = (name: string): boolean => name.startsWith('objects/')

const migrationsOf = (files: Example['files']): readonly Migration[] =>
  Object.entries(files)
    .filter(([name]) => !name.startsWith('contracts/') && !isObject(name))
    .map(([name, text]) => {
      const { directives, problems } = readDirectives(`migrations/${name}`, text)
      if (problems.length > 0) throw new Error(problems.map(({ title }) => title).join('; '))
      return aMigration(name, text, directives)
    })

const contractsOf = (files: Example['files']): readonly Contract[] =>
  Object.entries(files).flatMap(([name, text]) =>
    name.startsWith('contracts/') ? [JSON.parse(text) as Contract] : [],
  )

const objectsOf = (files: Example['files']): readonly Migration[] =>
  Object.entries(files).flatMap(([name, text]) =>
    isObject(name)
      ? [asMigration({ entry: name, file: `migrations/${name}`, text, checksum: checksumOf(text) })]
      : [],
  )

const optionsOf = (files: Example['files']) => ({
  ...{ contracts: contractsOf(files), objects: objectsOf(files) },
})

export const lintFiles = (files: Example['files']): readonly Finding[] =>
  lint(migrationsOf(files), parse, optionsOf(files))

/** With the rules that must be asked for. */
export const lintFilesFully = (files: Example['files']): readonly Finding[] =>
  lint(migrationsOf(files), parse, { ...optionsOf(files), also: ['unguarded'] })

/** One file on the tables of the examples, or on those of `before`. */
export const lintText = (text: string, before = ''): readonly Finding[] =>
  lintFilesFully({ '0001_before.sql': before, '0002_change.sql': text }).filter(
    ({ file }) => file === 'migrations/0002_change.sql',
  )

/** '2:13 rule' of each finding. */
export const briefly = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ place, rule }) => `${place.line}:${place.column} ${rule}`)
