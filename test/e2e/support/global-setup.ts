// Before the end-to-end tests: one PostgreSQL in a container, on a network that the gate's containers join. It is reached
// from here like the servers of the integration tests, so that their databases serve both.

import { password, superuser } from '../../support/servers.ts'
import { prepareTemplate } from '../../support/template.ts'
import { until } from '../../support/until.ts'
import { command, docker } from './command.ts'
import { network, postgresImage, serverName } from './names.ts'

export default async function setUp(): Promise<void> {
  if (process.env['SCHEMAGATE_E2E'] === undefined)
    throw new Error('The end-to-end tests need the engines that scripts/e2e starts: run that.')
  await docker('network', 'create', network)
  await docker(
    ...['run', '--detach', '--name', serverName, '--network', network],
    ...['--publish', '127.0.0.1::5432'],
    ...['--env', `POSTGRES_USER=${superuser}`, '--env', `POSTGRES_PASSWORD=${password}`],
    ...[postgresImage, 'postgres', '-c', 'fsync=off', '-c', 'max_connections=200'],
  )
  const ask = ['exec', serverName, 'pg_isready', '--quiet', '--host=127.0.0.1']
  await until('PostgreSQL is up', async () => (await command('docker', ask)).exitCode === 0, 60_000)
  const address = await docker('port', serverName, '5432/tcp')
  const port = address.split(':').at(-1) ?? ''
  process.env['SCHEMAGATE_TEST_PORT_18'] = port
  await prepareTemplate(`postgresql://${superuser}:${password}@127.0.0.1:${port}/postgres`)
}
