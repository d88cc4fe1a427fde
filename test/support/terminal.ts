// Runs the bundle on a real pseudo-terminal (util-linux' script), and shows what stands on it as a person sees it: whatever moves
// and erases is carried out by a terminal emulator.

import { afterEach } from '@jest/globals'
import { spawn } from 'node:child_process'
import headless from '@xterm/headless'
import { bundle } from './gate.ts'
import { until } from './until.ts'

export type TerminalOptions = {
  readonly args?: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly columns: number
  readonly rows?: number
  /** A file for stdout, which is then no terminal. */
  readonly stdoutTo?: string
}

export type Watched = {
  /** Every line that stands there, those that have scrolled away among them, without blanks at their ends. */
  readonly lines: () => Promise<readonly string[]>
  /** Resolves when these words stand there, with all lines that stood there then: a moment later the picture may be half drawn again. */
  readonly sees: (words: string | RegExp) => Promise<readonly string[]>
  readonly press: (keys: string) => void
  readonly exitCode: Promise<number | null>
  /** All that came, as it came. */
  readonly raw: () => string
}

const cleanUps: (() => void)[] = []

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

export const watchGate = (options: TerminalOptions): Watched => {
  const { args = ['run'], folder, environment, columns, rows = 24, stdoutTo } = options
  const command = [process.execPath, bundle, ...args].map(quoted).join(' ')
  const redirected = stdoutTo === undefined ? '' : ` >${quoted(stdoutTo)}`
  const line = `stty cols ${columns} rows ${rows}; exec ${command}${redirected}`
  const child = spawn(
    'script',
    ['--quiet', '--return', '--flush', '--command', line, '/dev/null'],
    {
      cwd: folder,
      env: {
        ...{ PATH: process.env['PATH'] ?? '', SHELL: '/bin/sh', TERM: 'xterm-256color' },
        DATABASE_WAIT_SECONDS: '10',
        ...environment,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: 5_000,
    allowProposedApi: true,
  })
  cleanUps.push(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    terminal.dispose()
  })
  let raw = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text
    terminal.write(text)
  })
  const exitCode = new Promise<number | null>((resolve) => {
    child.on('close', resolve)
  })
  const lines = async (): Promise<readonly string[]> => {
    await new Promise<void>((resolve) => {
      terminal.write('', resolve)
    })
    const { buffer } = terminal
    const all = Array.from({ length: buffer.active.length }, (_, at) =>
      (buffer.active.getLine(at)?.translateToString(true) ?? '').trimEnd(),
    )
    return all.slice(0, all.findLastIndex((each) => each !== '') + 1)
  }
  return {
    lines,
    sees: async (words) => {
      let seen: readonly string[] = []
      await until(`the terminal shows '${String(words)}'`, async () => {
        seen = await lines()
        const text = seen.join('\n')
        return typeof words === 'string' ? text.includes(words) : words.test(text)
      })
      return seen
    },
    press: (keys) => child.stdin.write(keys),
    exitCode,
    raw: () => raw,
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
