// The gate, and below it the floor: a bare Node process that connects and asks one question.

import { join } from 'node:path'
import type { Step } from './history.ts'
import type { Files, Runner } from './runner.ts'

export const gateName = 'schemagate'
export const bareName = 'a bare process'
/** The newest Node.js that a run can use beside the one it runs on; its binary comes from npm. */
export const newerNode = 'on Node 24'

export type Node = { readonly program: string; readonly suffix: '' | ` ${typeof newerNode}` }

export const gate = (project: string, { program, suffix }: Node): Runner => ({
  name: gateName + suffix,
  kind: 'gate',
  files: plainFiles,
  start: (folder, url) => ({
    program,
    args: [join(project, 'dist/schemagate.js'), 'run'],
    environment: { DATABASE_URL: url, MIGRATIONS_DIR: folder },
  }),
})

export const bare = (project: string, { program, suffix }: Node): Runner => ({
  name: bareName + suffix,
  kind: 'floor',
  files: () => ({}),
  start: (_folder, url) => ({
    program,
    args: [join(project, 'bench/bare.js')],
    environment: { DATABASE_URL: url },
  }),
})

const plainFiles = (steps: readonly Step[]): Files =>
  Object.fromEntries(
    steps.map(({ number, name, sql }) => [`${String(number).padStart(4, '0')}_${name}.sql`, sql]),
  )
