// Who is measured: how each wants its folder, and how it is started on it. Each as its own documentation says, in a fresh process.

import type { Step } from './history.ts'

export type Files = Readonly<Record<string, string>>

export type Invocation = {
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

export type Runner = {
  readonly name: string
  /** `floor` does no work at all: what connecting and one question cost. */
  readonly kind: 'gate' | 'peer' | 'floor'
  /** The same migrations as it wants them on disk, relative to a folder of its own. */
  readonly files: (steps: readonly Step[]) => Files
  readonly start: (folder: string, url: string) => Invocation
}
