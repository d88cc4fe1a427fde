// The words with which the server ends a session, kept: postgres.js hears them, and then says only that the connection was closed.
// A version that it does not fit ends the build; test/integration/incidents.test.ts looks for the words.

import { readFile } from 'node:fs/promises'

const connection = /[/\\]postgres[/\\]src[/\\]connection\.js$/
const closed = "error(Errors.connection('CONNECTION_CLOSED', options, socket))"
const lastWords =
  "errorResponse && errorResponse.severity === 'FATAL' ? Object.assign(errorResponse, { endedSession: true }) : "

/**
 * A package's file as it is bundled.
 * @param {string} path
 */
export const readPackageFile = async (path) => {
  const text = await readFile(path, 'utf8')
  if (!connection.test(path)) return text
  const [before, after, ...more] = text.split(closed)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error('postgres.js says in another way that a connection was closed')
  return `${before}${closed.replace('error(', `error(${lastWords}`)}${after}`
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
