// The service that migrates, as compose has it: what of it is this project's own, and a file of it where there is none yet.

import { existsSync, writeFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { nodeErrorCode } from '../../errors/node-error.ts'
import { fail } from '../../errors/problem.ts'

export const composeFile = 'compose.schemagate.yaml'

export type ServiceOf = {
  readonly migrationsDir: string
  /** Where the files are another tool's. */
  readonly dialect: string | undefined
}

/** Without a place of a database: that is nobody's to write down in a file that is committed. */
export const composeService = ({ migrationsDir, dialect }: ServiceOf): string => {
  const named = dialect === undefined ? '' : `, MIGRATIONS_DIALECT: ${dialect}`
  return `  migrate:
    image: schemagate
    volumes: [${mountOf(migrationsDir)}]
    environment: { DATABASE_URL: '\${DATABASE_URL:?}'${named} }
    pull_policy: never
    restart: 'no'
`
}

export const whoWaits =
  '    depends_on: { migrate: { condition: service_completed_successfully } }\n'

const mountOf = (migrationsDir: string): string => {
  const near = relative('.', migrationsDir).replaceAll(sep, '/')
  const source = near.startsWith('../') ? near : `./${near}`
  // In the short form a colon would end the path.
  return /^[\w./ -]+$/.test(source)
    ? `'${source}:/migrations:ro'`
    : `{ type: bind, source: ${quoted(source)}, target: /migrations, read_only: true }`
}

// To compose a dollar sign begins a variable.
const quoted = (text: string): string =>
  JSON.stringify(text.replaceAll('$', '$$$$')).replace(
    /[\u007f-\u009f\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (each) => `\\U${(each.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  )

/** Throws `file-not-written` where it exists. */
export const refuseToOverwrite = (): void => {
  if (existsSync(composeFile)) fail('file-not-written', { file: composeFile, reason: 'EEXIST' })
}

/** Throws `file-not-written`. */
export const writeComposeFile = (service: string): void => {
  const text = `# Made by schemagate init, for you to change. In compose.yaml:
#
#   include: [${composeFile}]
#
# and in each service that needs the schema:
#
#${whoWaits.slice(1)}
services:
${service}`
  try {
    writeFileSync(composeFile, text, { flag: 'wx' })
  } catch (error) {
    fail('file-not-written', { file: composeFile, reason: nodeErrorCode(error) })
  }
}
