// The projects of examples/, as their READMEs run them.

import { afterEach, describe, expect, test } from '@jest/globals'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { until } from '../support/database.ts'
import { command, docker } from './support/command.ts'
import { composeProject, projectFolder, type ComposeProject } from './support/compose-project.ts'
import { database, folderWith } from './support/gate-container.ts'
import { gateImage, postgresImage } from './support/names.ts'
import { inspectContainer, loadImage, podFor, podman } from './support/pod.ts'

const examples = join(projectFolder, 'examples')

const copyOf = (example: string): string => {
  const folder = folderWith({})
  cpSync(join(examples, example), folder, { recursive: true })
  return folder
}

describe('compose', () => {
  let project: ComposeProject | undefined

  afterEach(async () => {
    await project?.down()
    project = undefined
  })

  /** What a registry would have is a stand-in. */
  const start = async (folder: string) => {
    const file = join(folder, 'compose.yaml')
    const text = readFileSync(file, 'utf8').replace(/postgres:18-\S+/, postgresImage)
    writeFileSync(file, text)
    const build = { context: 'app', network: 'host', args: { NODE_IMAGE: 'stand-in-node' } }
    const here = join(folder, 'here.yaml')
    writeFileSync(here, stringify({ services: { notes: { build } } }))
    project = await composeProject({}, [file, here])
    return project
  }

  test('the service answers behind the gate; with a broken file it does not start', async () => {
    const folder = copyOf('compose')
    const { compose, state, get, port } = await start(folder)
    const first = await compose('up', '--detach')
    expect([first.exitCode, first.output]).toEqual([0, first.output])
    await until('the service answers', async () => {
      const answer = await get('/notes').catch(() => undefined)
      return answer?.status === 200
    })
    const written = await fetch(`http://127.0.0.1:${port}/notes`, {
      method: 'POST',
      body: '{"text": "hello"}',
    })
    expect(written.status).toBe(201)
    expect((await get('/notes')).body).toMatchObject([{ text: 'hello' }])
    expect((await compose('logs', 'migrate')).output).toContain('2 applied')

    await compose('stop')
    const broken = join(folder, 'migrations/0003_author.sql')
    writeFileSync(broken, 'ALTER TABLE notes ADD COLUMN author TXET;')
    expect((await compose('up', '--detach')).exitCode).not.toBe(0)
    expect((await state('notes')).Status).toBe('exited')
    expect((await compose('logs', 'migrate')).output).toMatch(/0003_author\.sql:1:37/)

    writeFileSync(broken, 'ALTER TABLE notes ADD COLUMN author text;')
    expect(await compose('up', '--detach')).toMatchObject({ exitCode: 0 })
    await until('the service answers with the new column', async () => {
      const answer = await get('/notes').catch(() => undefined)
      return JSON.stringify(answer?.body ?? '').includes('"author":null')
    })
    // It builds an image, with npm, and starts three times.
  }, 240_000)
})

describe('kubernetes', () => {
  afterEach(async () => {
    await podman('pod', 'rm', '--all', '--force', '--time', '2')
  })

  test('the pod of the Deployment migrates, and then its service runs', async () => {
    await docker('build', '--quiet', '--tag', 'shop-migrate', join(examples, 'kubernetes'))
    const service = folderWith({
      Dockerfile: 'FROM stand-in-node\nCMD ["node", "-e", "setInterval(() => {}, 1000)"]\n',
    })
    await docker('build', '--quiet', '--tag', 'shop', service)
    const { url, sql } = await database()
    const pod = podFor({
      name: 'shop',
      manifest: 'examples/kubernetes/shop.yaml',
      images: {
        'registry.example/shop-migrate:1': await loadImage('shop-migrate'),
        'registry.example/shop:1': await loadImage('shop'),
      },
      values: { DATABASE_URL: url },
    })
    const { exitCode, output } = await podman(
      ...['play', 'kube', join(folderWith({ 'pod.yaml': pod }), 'pod.yaml')],
    )
    expect([exitCode, output]).toEqual([0, output])
    expect((await inspectContainer('shop-shop'))?.State.Status).toBe('running')
    expect(await sql`SELECT version FROM schemagate.schema_migrations ORDER BY ordinal`).toEqual([
      { version: '1' },
      { version: '2' },
    ])
  })
})

describe('github-actions', () => {
  type Workflow = {
    readonly jobs: {
      readonly migrations: {
        readonly env: Readonly<Record<string, string>>
        readonly steps: readonly { readonly run?: string }[]
      }
    }
  }

  const { env, steps } = (
    parse(
      readFileSync(join(examples, 'github-actions/.github/workflows/migrations.yml'), 'utf8'),
    ) as Workflow
  ).jobs.migrations
  const commands = steps.flatMap(({ run }) => run ?? [])

  const runAll = async (folder: string) => {
    const { url } = await database()
    const environment = { ...env, SCHEMAGATE_IMAGE: gateImage, DATABASE_URL: url }
    const ended: { readonly exitCode: number | null; readonly output: string }[] = []
    for (const each of commands) {
      const { exitCode, output } = await command('bash', ['-ec', each], {
        cwd: folder,
        environment,
      })
      ended.push({ exitCode, output })
      if (exitCode !== 0) break
    }
    return ended
  }

  test('every step passes on the migrations of the example', async () => {
    const ended = await runAll(copyOf('github-actions'))
    expect(ended.map(({ exitCode, output }) => [exitCode, output])).toEqual(
      ended.map(({ output }) => [0, output]),
    )
    expect(ended).toHaveLength(4)
    expect(ended[1]?.output).toContain('2 applied')
    expect(ended[2]?.output).toContain('up to date')
  })

  test('a migration that the server rejects fails the job', async () => {
    const folder = copyOf('github-actions')
    writeFileSync(join(folder, 'migrations/0003_missing.sql'), 'ALTER TABLE missing ADD a int;')
    const last = (await runAll(folder)).at(-1)
    expect(last?.exitCode).not.toBe(0)
    expect(last?.output).toContain('0003_missing.sql')
  })
})
