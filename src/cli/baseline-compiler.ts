// How V8 compiles the SQL parser (WebAssembly) in the process of the command line. Only that process sets it: the flags are those of the whole
// process, and a service that imports the library keeps its own.

import { setFlagsFromString } from 'node:v8'

// The parser's largest function takes the optimizing compiler of Node.js 24 a second and 600 MB: a container with a usual memory
// limit is killed, and 1,000 files do not win that second back. One flag implies the others only when it is given at the start
// of the process. A V8 that does not know one of them ignores it.
const baselineOnly = ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']

/** To be called before the parser is loaded. */
export const compileAtBaseline = (): void => {
  for (const flag of baselineOnly) setFlagsFromString(flag)
}
