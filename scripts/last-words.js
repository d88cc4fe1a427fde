// What is changed in postgres.js. The words with which the server ends a session are kept: it hears them, and then says only that the
// connection was closed (test/integration/incidents.test.ts looks for the words). And its error has its name whatever its class is
// called, which the bundle shortens. A version that this does not fit ends the build.

import { readFile } from 'node:fs/promises'

const connection = /[/\\]postgres[/\\]src[/\\]connection\.js$/
const closed = "error(Errors.connection('CONNECTION_CLOSED', options, socket))"
const errors = /[/\\]postgres[/\\]src[/\\]errors\.js$/
const nameOfClass = 'this.name = this.constructor.name'
const lastWords =
  "errorResponse && errorResponse.severity === 'FATAL' ? Object.assign(errorResponse, { endedSession: true }) : "

/**
 * A package's file as it is bundled.
 * @param {string} path
 */
export const readPackageFile = async (path) => {
  const text = await readFile(path, 'utf8')
  if (errors.test(path)) return replaceOnce(text, nameOfClass, "this.name = 'PostgresError'")
  if (!connection.test(path)) return text
  return replaceOnce(text, closed, closed.replace('error(', `error(${lastWords}`))
}

/** @type {(text: string, part: string, by: string) => string} */
const replaceOnce = (text, part, by) => {
  const [before, after, ...more] = text.split(part)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`postgres.js no longer has, once, ${part}`)
  return `${before}${by}${after}`
}

/** @type {import('esbuild').Plugin} */
export const serversLastWords = {
  name: "the server's last words",
  setup: (bundler) => {
    bundler.onLoad({ filter: connection }, async ({ path }) => ({
      contents: await readPackageFile(path),
    }))
  },
}
