// Programs as users call them. What they print is kept; nothing is thrown for an exit code that a test wants to see.

import { spawn } from 'node:child_process'

export type Finished = {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** Both streams, in the order in which they came. */
  readonly output: string
  readonly durationMs: number
}

export type CommandOptions = {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

export const command = (
  program: string,
  args: readonly string[],
  { cwd, environment = {}, input = '' }: CommandOptions = {},
): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const start = Date.now()
    const child = spawn(program, args, { cwd, env: { ...process.env, ...environment } })
    let [stdout, stderr, output] = ['', '', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      output += text
    })
    child.once('error', reject)
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr, output, durationMs: Date.now() - start })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })

/** What it wrote to stdout, trimmed; throws when it fails. */
export const outputOf = async (
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> => {
  const { exitCode, stdout, output } = await command(program, args, options)
  if (exitCode !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${String(exitCode)}:\n${output}`)
  return stdout.trim()
}

export const docker = (...args: string[]): Promise<string> => outputOf('docker', args)
