// One compose project for each test file's story: the files that we ship, under a name and a port of its own.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '../../support/servers.ts'
import { command, docker, type Finished } from './command.ts'

export const projectFolder = join(import.meta.dirname, '../../..')

export type ComposeProject = {
  readonly port: number
  readonly compose: (...args: readonly string[]) => Promise<Finished>
  /** Of a service's container, also one that has stopped. */
  readonly state: (service: string) => Promise<ContainerState>
  readonly get: (path: string) => Promise<{ status: number; body: unknown }>
  readonly down: () => Promise<void>
}

/** Without a project's name, and without a file: what compose finds by itself. */
export const plainCompose = (...args: readonly string[]): Promise<Finished> =>
  command(program, [...verb, ...args], { cwd: projectFolder })

type ContainerState = {
  readonly Status: string
  readonly ExitCode: number
  readonly StartedAt: string
  readonly FinishedAt: string
  readonly Health?: { readonly Status: string }
}

// As a user types it: docker-compose, or docker compose.
const [program = '', ...verb] = (process.env['SCHEMAGATE_COMPOSE'] ?? 'docker-compose').split(' ')

/** Compose 2: it waits until services are healthy, and names what a service builds by itself. */
export const isToday = verb.length > 0

/** As on a machine that has not built them yet. Debian's engine keeps them: other tests there use them too. */
export const forgetImages = async (): Promise<void> => {
  if (!isToday) return
  await command('docker', ['image', 'rm', '--force', 'schemagate', 'schemagate-services'])
}

// Without a registry, on the stand-in for the base image.
const ours = ['compose/compose.yaml', 'test/e2e/build.yaml']

/** `files` are those of the project, when they are others than compose/compose.yaml. */
export const composeProject = async (
  environment: Readonly<Record<string, string>>,
  files: readonly string[] = ours,
): Promise<ComposeProject> => {
  const name = `e2e${randomBytes(5).toString('hex')}`
  const port = await freePort()
  const named = files.flatMap((file) => ['--file', file])
  const compose = (...args: readonly string[]): Promise<Finished> =>
    command(program, [...verb, '--project-name', name, ...named, ...args], {
      cwd: projectFolder,
      environment: { API_PORT: String(port), PORT: String(port), ...environment },
    })
  const state = async (service: string): Promise<ContainerState> => {
    const label = (key: string, value: string) => [
      '--filter',
      `label=com.docker.compose.${key}=${value}`,
    ]
    const id = await docker(
      ...['ps', '--all', '--quiet', ...label('project', name), ...label('service', service)],
      ...label('oneoff', 'False'),
    )
    if (id === '') return { Status: 'missing', ExitCode: 0, StartedAt: '', FinishedAt: '' }
    return JSON.parse(await docker('inspect', '--format', '{{json .State}}', id)) as ContainerState
  }
  return {
    port,
    compose,
    state,
    get: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: answer.status, body: await answer.json() }
    },
    down: async () => {
      await compose('down', '--volumes', '--timeout', '5')
      // Those that it has built under its own name; `--rmi local` takes schemagate along.
      const listed = ['--filter', `reference=${name}*`, '--format', '{{.Repository}}:{{.Tag}}']
      const built = (await docker('image', 'ls', ...listed)).split('\n').filter(Boolean)
      if (built.length > 0) await docker('image', 'rm', ...built)
    },
  }
}
