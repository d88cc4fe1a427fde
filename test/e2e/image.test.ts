import { describe, expect, test } from '@jest/globals'
import { command, docker } from './support/command.ts'
import { database, folderWith, hardened, runGate, writableFile } from './support/gate-container.ts'
import { gateImage } from './support/names.ts'

type Inspected = {
  readonly Config: {
    readonly User: string
    readonly Env: readonly string[]
    readonly Entrypoint: readonly string[]
    readonly Cmd: readonly string[]
    readonly Labels: Readonly<Record<string, string>>
    readonly Healthcheck?: unknown
    readonly StopSignal?: string
  }
}

const inspect = async (image: string): Promise<Inspected['Config']> => {
  const [found] = JSON.parse(await docker('image', 'inspect', image)) as Inspected[]
  if (found === undefined) throw new Error(`no image ${image}`)
  return found.Config
}

/** Every path of the image's root file system. */
const contents = async (image: string): Promise<readonly string[]> => {
  const id = await docker('create', image)
  const { stdout } = await command('sh', ['-c', `docker export ${id} | tar --list`])
  await docker('rm', id)
  return stdout.trim().split('\n')
}

describe('the image', () => {
  test('says how it runs: as a numeric user that is not root, `run` by default, as the migrator', async () => {
    const config = await inspect(gateImage)
    expect(config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(config.Entrypoint).toEqual(['/usr/local/bin/node', '/schemagate.js'])
    expect(config.Cmd).toEqual(['run'])
    expect(config.Env).toEqual(
      expect.arrayContaining([
        'SERVICE_ROLE=migrate',
        'MIGRATIONS_DIR=/migrations',
        'NODE_ENV=production',
      ]),
    )
    expect(config.Healthcheck).toBeUndefined()
    expect(config.StopSignal).toBeUndefined()
    for (const label of ['title', 'description', 'licenses', 'version', 'revision', 'created'])
      expect(config.Labels[`org.opencontainers.image.${label}`]).toBeTruthy()
  })

  test('adds at most 4 MB to Node.js', async () => {
    const sizes = async (image: string): Promise<readonly number[]> =>
      (await docker('history', '--human=false', '--format', '{{.Size}}', image))
        .split('\n')
        .map(Number)
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
    const layers = await sizes(gateImage)
    // The only layer below ours is Node.js with its libraries.
    const base = Math.max(...layers)
    const ours = sum(layers) - base
    expect(base).toBeGreaterThan(50_000_000)
    expect(ours).toBeGreaterThan(1_000_000)
    expect(ours).toBeLessThanOrEqual(4_000_000)
  })

  test('holds Node.js, its libraries and the bundle: no shell, no package manager, no source', async () => {
    const files = (await contents(gateImage)).filter((path) => !path.endsWith('/'))
    const unexpected = files.filter(
      (path) =>
        !/^(schemagate\.js|parts\/[\w-]+\.js|cache\/v[\w.-]+\/\w+|libpg-query\.wasm\.gz|package\.json|LICENSE|THIRD-PARTY-NOTICES)$/.test(
          path,
        ) &&
        path !== 'usr/local/bin/node' &&
        !/^(lib|lib64)\/([\w-]+\/)?(ld-linux-[\w-]+|lib[\w+]+)\.so\.\d+$/.test(path) &&
        !/^etc\/(passwd|group|nsswitch\.conf|os-release|debian_version)$/.test(path) &&
        !/^(var\/lib\/dpkg\/status\.d|usr\/share\/(doc|common-licenses))\//.test(path) &&
        // What the engine puts into every container.
        !/^(\.dockerenv|dev\/console|etc\/(hostname|hosts|mtab|resolv\.conf))$/.test(path),
    )
    expect(unexpected).toEqual([])
    for (const name of ['bin/sh', 'usr/bin/apt', 'usr/bin/dpkg', 'usr/local/bin/npm'])
      expect(files).not.toContain(name)
  })

  test('carries the licenses of everything inside', async () => {
    const print = `const { readFileSync, readdirSync } = require('node:fs')
      const read = (path) => [path, readFileSync(path, 'utf8')]
      const packages = readdirSync('/var/lib/dpkg/status.d')
      const common = '/usr/share/common-licenses'
      console.log(JSON.stringify({ packages, files: Object.fromEntries([
        read('/THIRD-PARTY-NOTICES'),
        read('/usr/share/doc/nodejs/LICENSE'),
        ...packages.map((name) => read('/usr/share/doc/' + name + '/copyright')),
        ...readdirSync(common).map((name) => read(common + '/' + name)),
      ]) }))`
    const printed = await docker(
      ...['run', '--rm', ...hardened, '--entrypoint', '/usr/local/bin/node', gateImage, '-e'],
      print,
    )
    const { packages, files } = JSON.parse(printed) as {
      readonly packages: readonly string[]
      readonly files: Readonly<Record<string, string>>
    }
    expect(packages).toEqual(['libc6', 'libgcc-s1', 'libstdc++6'])
    expect(files['/THIRD-PARTY-NOTICES']).toMatch(/^PostgreSQL \(in libpg-query\.wasm\)$/m)
    expect(files['/usr/share/doc/nodejs/LICENSE']).toContain('OpenSSL')
    expect(files['/usr/share/doc/libc6/copyright']).toContain('GNU Lesser')
    for (const name of ['libgcc-s1', 'libstdc++6'])
      expect(files[`/usr/share/doc/${name}/copyright`]).toContain('GCC RUNTIME LIBRARY EXCEPTION')
    const named = Object.values(files)
      .join('\n')
      .match(/\/usr\/share\/common-licenses\/[A-Z][\w.-]*\w/g)
    expect(named).toContain('/usr/share/common-licenses/LGPL-2.1')
    expect(named?.filter((path) => (files[path] ?? '').length < 1_000)).toEqual([])
  })

  test('carries what V8 has compiled of it, and takes it from there', async () => {
    const { exitCode, stderr } = await command('docker', [
      ...['run', '--rm', ...hardened, '--env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE', gateImage],
      ...['contract', 'schema'],
    ])
    expect(stderr).toMatch(/file:\/\/\/parts\/chunk-\w+\.js was accepted/)
    expect(exitCode).toBe(0)
  })

  test('can write nowhere on a read-only root file system', async () => {
    const write = `try { require('node:fs').writeFileSync('/file', '') } catch (error) { console.log(error.code) }
      console.log(process.getuid(), process.pid)`
    const printed = await docker(
      ...['run', '--rm', ...hardened, '--entrypoint', '/usr/local/bin/node', gateImage, '-e'],
      write,
    )
    expect(printed).toBe('EROFS\n65532 1')
  })

  test('runs as whatever user the cluster chooses', async () => {
    const { containerUrl, sql } = await database()
    const migrations = folderWith({ '0001_a.sql': 'CREATE TABLE a (id int);' })
    const environment = { DATABASE_URL: containerUrl }
    const options = ['--user', '1234567:0']
    const { exitCode, output } = await runGate({ migrations, environment, options })
    expect(output).toContain('Migration completed successfully')
    expect(exitCode).toBe(0)
    expect(await sql`SELECT to_regclass('a') IS NOT NULL AS there`).toEqual([{ there: true }])
  })

  test('is extended by copying the migrations into it', async () => {
    const { containerUrl } = await database()
    const context = folderWith({
      Dockerfile: 'FROM schemagate\nCOPY migrations /migrations\n',
      'migrations/0001_a.sql': 'CREATE TABLE a (id int);',
    })
    await docker('build', '--quiet', '--tag', 'app-migrate-image-test', context)
    const variables = ['--env', `DATABASE_URL=${containerUrl}`]
    const { exitCode, stderr } = await command('docker', [
      ...['run', '--rm', '--network', 'schemagate-e2e', ...hardened, ...variables],
      'app-migrate-image-test',
    ])
    // Not a terminal, so the log is JSON; no absolute path in it.
    const messages = stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message)
    expect(messages).toContainEqual(expect.stringMatching(/^applied migrations\/0001_a\.sql/))
    expect(messages.join('\n')).not.toMatch(/(^|[\s'"(])\//)
    expect(exitCode).toBe(0)
  })

  test('writes the report where a writable file is mounted, and nowhere else', async () => {
    const { containerUrl } = await database()
    const migrations = folderWith({ '0001_a.sql': 'CREATE TABLE a (id int);' })
    const report = writableFile('report.json')
    const environment = { DATABASE_URL: containerUrl, REPORT_FILE: '/report.json' }
    const mounted = ['--volume', `${report}:/report.json`]
    expect(await runGate({ migrations, environment, options: mounted })).toMatchObject({
      exitCode: 0,
    })
    const written = JSON.parse(await docker(...readThrough(report))) as { exit_code: number }
    expect(written.exit_code).toBe(0)
    const without = await runGate({ migrations, environment })
    expect(without.exitCode).toBe(2)
    expect(without.output).toContain('REPORT_FILE')
  })

  test('names its version and its commands', async () => {
    const version = await docker('run', '--rm', ...hardened, gateImage, '--version')
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(await docker('run', '--rm', gateImage, '--help')).toContain('status')
  })
})

// As another container would read what the gate left behind.
const readThrough = (path: string): readonly string[] => [
  ...['run', '--rm', '--volume', `${path}:/file:ro`, '--entrypoint', '/usr/local/bin/node'],
  ...[gateImage, '-p', "require('node:fs').readFileSync('/file', 'utf8')"],
]
