// A database of our own on the server of SCRATCH_URL, in which a history is built: made, used, and dropped again. No other
// database of that server is written to, and none but ours is dropped.

import { randomBytes } from 'node:crypto'
import { utf8 } from '../../sql/tree/naming.ts'
import type { Config } from '../../config/config.ts'
import { describeEndpoint, makeEndpoint, type Endpoint } from '../../config/endpoint.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import { identifier } from '../../database/literal.ts'
import { openSession, type Session } from '../../database/session/session.ts'
import { fail, problem, SchemagateError } from '../../errors/problem.ts'
import { analyse } from '../../schema/history/analyse.ts'
import type { RunFiles } from '../run/run.ts'
import { beyondDatabase } from './beyond-database.ts'
import { buildHistory, type BuildContext } from './build.ts'
import { isSameAddress, readIdentity, requireScratchServer } from './server.ts'

export type ScratchRequest = {
  readonly config: Config
  readonly context: BuildContext
  /** 'squash': who asks. */
  readonly command: string
  /** Run in this order, as `run` runs them. */
  readonly files: Pick<RunFiles, 'migrations' | 'objects'>
  /** To the database that the history is of, where one is named. */
  readonly database: Session | undefined
}

/**
 * Yields what `use` makes of the database in which the files have run. It is dropped whatever happens; where that fails, the log
 * has the name. Throws `no-scratch-server`, `scratch-is-database`, `scratch-not-usable`, `scratch-shares-server`,
 * `scratch-not-made`, `scratch-build-failed`, and what connecting throws.
 */
export const withScratchDatabase = async <Result>(
  request: ScratchRequest,
  use: (built: Connected<undefined>) => Promise<Result>,
): Promise<Result> => {
  const { config, context, command, files } = request
  const scratch = config.scratch ?? fail('no-scratch-server', { command })
  const server = await requireOtherDatabase(scratch, request)
  const database = `schemagate_scratch_${randomBytes(6).toString('hex')}`
  const endpoint = inDatabase(server, database)
  await make(server, database, request)
  try {
    context.announce({
      ...{ kind: 'scratch database made', database },
      ...{
        endpoint: describeEndpoint(server),
        files: files.migrations.length + files.objects.length,
      },
    })
    await buildHistory(config, endpoint, files, context)
    const built = await connect(endpoint, request)
    try {
      return await use(built)
    } finally {
      await built.session.close()
    }
  } finally {
    await drop(server, database, context)
  }
}

const connect = (
  endpoint: Endpoint,
  { config, context: { announce, interruption } }: ScratchRequest,
): Promise<Connected<undefined>> =>
  connectToDatabase({
    endpoints: { first: endpoint, fallback: undefined },
    waitMs: config.databaseWaitMs,
    role: 'scratch',
    first: () => Promise.resolve(undefined),
    // Which way the database was reached is said of the database.
    announce: (event) => {
      if (event.kind !== 'endpoint chosen') announce(event)
    },
    interruption,
  })

/** The endpoint that answered. */
const requireOtherDatabase = async (
  scratch: Endpoint,
  request: ScratchRequest,
): Promise<Endpoint> => {
  const { config, database, files } = request
  const { first, fallback } = config.endpoints ?? {}
  for (const each of [first, fallback])
    if (each !== undefined && isSameAddress(scratch, each))
      fail('scratch-is-database', { endpoint: describeEndpoint(each) })
  const connected = await connect(scratch, request)
  const { session } = connected
  try {
    await requireScratchServer(connected)
    if (database === undefined) return session.endpoint
    const [here, there] = [await readIdentity(session), await readIdentity(database)]
    if (here.system === undefined || here.system !== there.system) return session.endpoint
    if (here.database === there.database)
      fail('scratch-is-database', { endpoint: describeEndpoint(database.endpoint) })
    await requireNothingShared(files, session.endpoint)
    return session.endpoint
  } finally {
    await session.close()
  }
}

const requireNothingShared = async (
  { migrations }: ScratchRequest['files'],
  endpoint: Endpoint,
): Promise<void> => {
  const { history } = await analyse(migrations, { schemas: ['public'], existing: ['public'] }, utf8)
  const found = beyondDatabase(history)
  if (found.length === 0) return
  const statements = found.map(({ what, place }) =>
    place === undefined ? what : `${place.file}:${place.line} ${what}`,
  )
  throw new SchemagateError([
    problem(
      'scratch-shares-server',
      { endpoint: describeEndpoint(endpoint), statements },
      found[0]?.place,
    ),
  ])
}

const inDatabase = (endpoint: Endpoint, database: string): Endpoint =>
  makeEndpoint({ ...endpoint, database }, endpoint.password, {
    clientCertificate: endpoint.clientCertificate,
  })

// A session that no signal ends: what was made must be dropped.
const administer = async <Result>(
  server: Endpoint,
  { announce }: BuildContext,
  work: (session: Session) => Promise<Result>,
): Promise<Result> => {
  const session = openSession(server, 'scratch', {
    announce,
    interruption: new AbortController().signal,
  })
  try {
    // The login may have limits that are meant for other work.
    await session.send('SET statement_timeout TO 0; SET lock_timeout TO 0')
    return await work(session)
  } finally {
    await session.close()
  }
}

const make = (
  server: Endpoint,
  database: string,
  { context, config: { migrationRole } }: ScratchRequest,
): Promise<void> =>
  administer(server, context, async (session) => {
    const owner = migrationRole === undefined ? '' : ` OWNER ${identifier(migrationRole)}`
    // From template0: nothing that somebody has put into template1.
    const reply = await session.send(
      `CREATE DATABASE ${identifier(database)} TEMPLATE template0${owner}`,
    )
    if (reply.kind === 'done') return
    const { sqlstate, message } =
      reply.kind === 'lost' ? { sqlstate: reply.code, message: reply.reason } : reply.error
    fail('scratch-not-made', { endpoint: describeEndpoint(server), database, sqlstate, message })
  })

/** Never throws: it must not hide what the work came to. */
const drop = (server: Endpoint, database: string, context: BuildContext): Promise<void> =>
  administer(server, context, async (session) => {
    const reply = await session.send(`DROP DATABASE IF EXISTS ${identifier(database)} WITH (FORCE)`)
    if (reply.kind === 'done') {
      context.announce({ kind: 'scratch database dropped', database })
      return
    }
    const reason = reply.kind === 'lost' ? reply.reason : reply.error.message
    context.announce({
      ...{ kind: 'scratch database left', database },
      ...{ endpoint: describeEndpoint(server), reason },
    })
  })
