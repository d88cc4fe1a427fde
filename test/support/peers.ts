// The tools themselves, where bench/peers has them installed.

import { test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const peers = join(import.meta.dirname, '../../bench/peers')
const modules = join(peers, 'node_modules')

export const withPeers = existsSync(join(modules, 'node-pg-migrate')) ? test : test.skip

type Command = readonly [program: string, ...args: readonly string[]]

const commands: Readonly<Record<string, (folder: string) => Command>> = {
  dbmate: (folder) => [
    join(modules, `@dbmate/${process.platform}-${process.arch}/bin/dbmate`),
    ...['--migrations-dir', folder, '--no-dump-schema', 'migrate'],
  ],
  'node-pg-migrate': (folder) => [
    process.execPath,
    join(modules, 'node-pg-migrate/bin/node-pg-migrate.js'),
    ...['up', '--migrations-dir', folder],
  ],
  drizzle: (folder) => [process.execPath, join(peers, 'drizzle.js'), folder],
}

export const hasCommand = (dialect: string): boolean => dialect in commands

/** Applies the files of a folder to the database of DATABASE_URL. */
export const commandOf = (dialect: string, folder: string): readonly string[] =>
  commands[dialect]?.(folder) ?? []
