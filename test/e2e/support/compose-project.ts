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

type ContainerState = {
  readonly Status: string
  readonly ExitCode: number
  readonly StartedAt: string
  readonly FinishedAt: string
  readonly Health?: { readonly Status: string }
}

/** `args` name the files, when they are others than docker-compose finds by itself. */
export const composeProject = async (
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<ComposeProject> => {
  const name = `e2e${randomBytes(5).toString('hex')}`
  const port = await freePort()
  const compose = (...verb: readonly string[]): Promise<Finished> =>
    command('docker-compose', ['--project-name', name, ...args, ...verb], {
      cwd: projectFolder,
      environment: { API_PORT: String(port), ...environment },
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
    },
  }
}
