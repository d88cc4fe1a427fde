// The peers, from the folder bench/peers with a lock file of its own. Through their command line where they have one for this,
// otherwise through their documented function in a program of a few lines (bench/peers/*.js).

import { join } from 'node:path'
import type { Step } from './history.ts'
import type { Runner } from './runner.ts'

/** `folder` is bench/peers, its packages installed; `node` the program that runs those that are JavaScript. */
export const peers = (folder: string, node: string): readonly Runner[] => {
  const installed = (path: string): string => join(folder, 'node_modules', path)
  return [
    dbmate(installed(`@dbmate/${process.platform}-${process.arch}/bin/dbmate`)),
    nodePgMigrate(node, installed('node-pg-migrate/bin/node-pg-migrate.js')),
    knex(node, installed('knex/bin/cli.js')),
    postgresMigrations(node, join(folder, 'postgres-migrations.js')),
    drizzle(node, join(folder, 'drizzle.js')),
  ]
}

// Fourteen digits, as most of them number their files: 2025-01-01 and so many seconds.
const stamp = (number: number): string =>
  new Date(Date.UTC(2025, 0, 1) + number * 1_000).toISOString().replaceAll(/\D/g, '').slice(0, 14)

const filesNamed = (
  steps: readonly Step[],
  name: (step: Step) => string,
  text: (step: Step) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(steps.map((step) => [name(step), text(step)]))

const dbmate = (binary: string): Runner => ({
  name: 'dbmate',
  kind: 'peer',
  files: (steps) =>
    filesNamed(
      steps,
      ({ number, name }) => `${stamp(number)}_${name}.sql`,
      ({ sql }) => `-- migrate:up\n${sql}\n-- migrate:down\n`,
    ),
  start: (folder, url) => ({
    program: binary,
    args: ['--migrations-dir', folder, '--no-dump-schema', 'migrate'],
    environment: { DATABASE_URL: `${url}?sslmode=disable` },
  }),
})

const nodePgMigrate = (node: string, cli: string): Runner => ({
  name: 'node-pg-migrate',
  kind: 'peer',
  files: (steps) =>
    filesNamed(
      steps,
      ({ number, name }) => `${Date.UTC(2025, 0, 1) + number}_${name}.sql`,
      ({ sql }) => `-- Up Migration\n${sql}\n-- Down Migration\n`,
    ),
  start: (folder, url) => ({
    program: node,
    // Its other mode lets every runner but one fail, which those that start together cannot use.
    args: [cli, 'up', '--migrations-dir', folder, '--advisory-lock-mode', 'wait'],
    environment: { DATABASE_URL: url },
  }),
})

// Without a knexfile: knex looks for itself in the folder of that, and it is installed in another.
const knex = (node: string, cli: string): Runner => ({
  name: 'knex',
  kind: 'peer',
  files: (steps) =>
    filesNamed(
      steps,
      ({ number, name }) => `${stamp(number)}_${name}.js`,
      ({ sql }) =>
        `exports.up = (knex) => knex.raw(${JSON.stringify(sql)})\nexports.down = () => undefined\n`,
    ),
  start: (folder, url) => ({
    program: node,
    args: [
      ...[cli, 'migrate:latest', '--cwd', join(cli, '../../../..'), '--client', 'pg'],
      ...['--connection', url, '--migrations-directory', folder],
    ],
    environment: {},
  }),
})

const postgresMigrations = (node: string, program: string): Runner => ({
  name: 'postgres-migrations',
  kind: 'peer',
  files: (steps) =>
    filesNamed(
      steps,
      ({ number, name }) => `${number}_${name}.sql`,
      ({ sql }) => sql,
    ),
  start: (folder, url) => ({
    program: node,
    args: [program, folder],
    environment: { DATABASE_URL: url },
  }),
})

const drizzle = (node: string, program: string): Runner => ({
  name: 'drizzle',
  kind: 'peer',
  files: (steps) => ({
    'meta/_journal.json': JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: steps.map((step, idx) => ({
        ...{ idx, version: '7', breakpoints: true, tag: tagOf(step) },
        when: Date.UTC(2025, 0, 1) + step.number,
      })),
    }),
    ...filesNamed(
      steps,
      (step) => `${tagOf(step)}.sql`,
      ({ sql }) => sql,
    ),
  }),
  start: (folder, url) => ({
    program: node,
    args: [program, folder],
    environment: { DATABASE_URL: url },
  }),
})

const tagOf = ({ number, name }: Step): string => `${String(number - 1).padStart(4, '0')}_${name}`
