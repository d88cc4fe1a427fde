// What `node dist/schemagate.js` runs: it loads the rest, and lets Node.js keep beside it what it has compiled of that.

import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { compileAtBaseline } from './baseline-compiler.ts'

// Node.js 22 and later. Beside the bundle and not where everybody may write: who can put code there, can put it here. A folder
// that is not there and cannot be made is not an error. https://nodejs.org/api/module.html#module-compile-cache
type CompileCache = { readonly enableCompileCache?: (folder: string) => unknown }
const { enableCompileCache } = nodeModule as CompileCache
// import.meta.dirname is '' for a file in the root folder, where the image has it (Node.js 24.21).
enableCompileCache?.(fileURLToPath(new URL('cache', import.meta.url)))

compileAtBaseline()

// Not with a static import, which would be compiled before anything is said.
await import('./process.ts')
