// The gate, and below it the floor: a bare Node process that connects and asks one question.

import { join } from 'node:path'
import type { Step } from './history.ts'
import type { Files, Runner } from './runner.ts'

export const gateName = 'schemagate'
export const bareName = 'a bare process'
/** '' for the Node.js of the image, on which the peers run, too; ' on Node 20' for another one beside it. */
export type Suffix = '' | ` on Node ${string}`

export type Node = { readonly program: string; readonly suffix: Suffix }

export const gate = (project: string, { program, suffix }: Node): Runner => ({
  name: gateName + suffix,
  kind: 'gate',
  files: plainFiles,
  start: (folder, url) => ({
    program,
    args: [join(project, 'dist/schemagate.js'), 'run'],
    // Without TLS, as all of them: asking for it would be one more question.
    environment: { DATABASE_URL: `${url}?sslmode=disable`, MIGRATIONS_DIR: folder },
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
