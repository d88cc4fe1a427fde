// sqitch itself, from Debian.

import { test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'

export const withSqitch = spawnSync('sqitch', ['--version']).status === 0 ? test : test.skip

export const sqitchEnvironment = {
  ...process.env,
  ...{ SQITCH_FULLNAME: 'Ann B', SQITCH_EMAIL: 'ann@example.com' },
}

export const sqitchTarget = (url: string): string => url.replace(/^postgres(?:ql)?:/, 'db:pg:')

/** In the folder of the project; what it printed. */
export const runSqitch = (folder: string, ...args: readonly string[]): string =>
  execFileSync('sqitch', args, {
    ...{ cwd: folder, encoding: 'utf8', stdio: 'pipe', env: sqitchEnvironment },
  })
