// Runs the bundle as users do: a process of its own, with an environment of its own, in a folder of its own.

import { afterEach } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { runInHost } from './hosts.ts'
import { checkPrintedJson } from './printed-json.ts'
import { until } from './until.ts'

export const bundle = join(import.meta.dirname, '../../dist/schemagate.js')
export const sampleHistory = join(import.meta.dirname, '../../migrations')

/** The names of its migrations, in their order; the contracts lie in a folder beside them. */
export const sampleFiles = (): readonly string[] =>
  readdirSync(sampleHistory)
    .filter((name) => name.endsWith('.sql'))
    .sort()

export type Files = Readonly<Record<string, string | Uint8Array>>

export type Finished = {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export type RunningGate = {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
  /** What it wrote to stderr so far. */
  readonly stderr: () => string
  /** Resolves when stderr holds these words; rejects when the process ends without. */
  readonly said: (words: string) => Promise<void>
}

const cleanUps: (() => void)[] = []

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp()
})

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-test-'))
  cleanUps.push(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A working folder with these files, usually 'migrations/0001_x.sql'. */
export const workFolder = (files: Files): string => {
  const folder = temporaryFolder()
  writeFiles(folder, files)
  return folder
}

export const writeFiles = (folder: string, files: Files): void => {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

export type GateOptions = {
  readonly args?: readonly string[]
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  readonly bundle?: string
}

const wholeEnvironment = (
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  PATH: process.env['PATH'] ?? '',
  LOG_FORMAT: 'text',
  DATABASE_WAIT_SECONDS: '10',
  ...environment,
})

/** In a process of its own: for what is to be stopped, ended or watched, and for whatever belongs to the start of a process. */
export const startGate = ({
  args = ['run'],
  folder,
  environment = {},
  bundle: file = bundle,
}: GateOptions): RunningGate => {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    env: wholeEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  cleanUps.push(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('close', (exitCode, signal) => {
      try {
        checkPrintedJson(args, { stdout, stderr })
        resolve({ exitCode, signal, stdout, stderr })
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
  const said = (words: string): Promise<void> =>
    until(`the gate says '${words}'`, () => {
      if (stderr.includes(words)) return true
      if (child.exitCode === null && child.signalCode === null) return false
      throw new Error(`ended without saying '${words}':\n${stderr}${stdout}`)
    })
  return { process: child, finished, stderr: () => stderr, said }
}

// What a process reads as it starts.
const isOfTheStart = (name: string): boolean =>
  /^(?:NODE_|FORCE_COLOR|NO_COLOR|TERM|LANG|LC_|TZ|HOME|SSL)/.test(name)

/** Runs the command line to its end; in a host (hosts.ts) where that is as good as a process. */
export const runGate = async (options: GateOptions): Promise<Finished> => {
  const { args = ['run'], folder, environment = {}, bundle: file } = options
  if (file !== undefined || Object.keys(environment).some(isOfTheStart))
    return startGate(options).finished
  const whole = wholeEnvironment(environment)
  const run = await runInHost({ args, folder: resolve(folder), environment: whole })
  checkPrintedJson(args, run)
  return { ...run, signal: null }
}

/** Text for a golden: what differs from run to run has a name instead. */
export const normalised = (text: string): string =>
  text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/gate_[0-9a-f]{12}/g, 'DATABASE')
    .replace(/^\d\d:\d\d:\d\d /gm, 'TIME ')
    .replace(/\d+ ms\b/g, 'N ms')
    .replace(/\(\d+\.\d+ s\)/g, '(N s)')
    .replace(/\bpid \d+/g, 'pid PID')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIMESTAMP')
    .replace(/schemagate\/\d+\.\d+\.\d+/g, 'schemagate/VERSION')
