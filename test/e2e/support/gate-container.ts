// The gate's image as an orchestrator runs it: hardened, with the migrations mounted, on the network of the server.

import { afterEach } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { writeFiles, type Files } from '../../support/gate.ts'
import { password, superuser } from '../../support/servers.ts'
import { command, docker, type Finished } from './command.ts'
import { gateImage, network, serverName } from './names.ts'

const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

export const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges']

/** A folder that the image's user can read; removed after the test. */
export const folderWith = (files: Files): string => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-e2e-'))
  cleanUps.push(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  chmodSync(folder, 0o755)
  writeFiles(folder, files)
  return folder
}

/** A file that the image's user can write, for a bind mount. */
export const writableFile = (name: string): string => {
  const path = join(folderWith({}), name)
  writeFileSync(path, '')
  chmodSync(path, 0o666)
  return path
}

export type ServedDatabase = TestDatabase & {
  /** For a container on our network. */
  readonly containerUrl: string
}

export const database = async (): Promise<ServedDatabase> => {
  const created = await createDatabase('18')
  const containerUrl = `postgresql://${superuser}:${password}@${serverName}:5432/${created.name}`
  return { ...created, containerUrl }
}

export type GateContainerOptions = {
  readonly migrations: string
  readonly environment: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly image?: string
  /** Further options of `docker run`. */
  readonly options?: readonly string[]
}

export type GateContainer = {
  readonly name: string
  readonly finished: Promise<Finished>
  readonly logs: () => Promise<string>
  /** As Docker recorded it, once the container has stopped. */
  readonly exitCode: () => Promise<number>
}

/** The container stays after its end, so that its state can be asked for; it goes with the test. */
export const startGate = (given: GateContainerOptions): GateContainer => {
  const { migrations, environment, args = [], image = gateImage, options = [] } = given
  const name = `schemagate-e2e-${randomBytes(6).toString('hex')}`
  cleanUps.push(() => command('docker', ['rm', '--force', name]))
  const variables = Object.entries({ LOG_FORMAT: 'text', ...environment }).flatMap(
    ([variable, value]) => ['--env', `${variable}=${value}`],
  )
  const finished = command('docker', [
    ...['run', '--name', name, '--network', network, ...hardened, ...variables],
    ...['--volume', `${migrations}:/migrations:ro`, ...options, image, ...args],
  ])
  return {
    name,
    finished,
    logs: async () => (await command('docker', ['logs', name])).output,
    exitCode: async () => Number(await docker('inspect', '--format', '{{.State.ExitCode}}', name)),
  }
}

export const runGate = (options: GateContainerOptions): Promise<Finished> =>
  startGate(options).finished
