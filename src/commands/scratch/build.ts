// The files run in the scratch database as `run` runs them, and what stopped them is said in the words of the command.

import { randomUUID } from 'node:crypto'
import type { Config } from '../../config/config.ts'
import { describeEndpoint, type Endpoint } from '../../config/endpoint.ts'
import { problem, SchemagateError, type Problem } from '../../errors/problem.ts'
import { migrate } from '../run/migrate.ts'
import type { RunContext, RunFiles } from '../run/run.ts'

export type BuildContext = Pick<RunContext, 'announce' | 'interruption' | 'onBug'>

/** Throws `scratch-build-failed`, and what passes by itself as it is. */
export const buildHistory = async (
  config: Config,
  endpoint: Endpoint,
  files: Pick<RunFiles, 'migrations' | 'objects'>,
  context: BuildContext,
): Promise<void> => {
  const { problems, exitCode } = await migrate(
    {
      ...config,
      endpoints: { first: endpoint, fallback: undefined },
      gate: { kind: 'open', because: 'it is a scratch database' },
      // The files are in the order in which they are to run.
      order: 'any',
      mirror: 'off',
      onLockTimeout: 'fail',
    },
    // What it announces is about a database that nobody looks at.
    {
      ...context,
      announce: () => undefined,
      runId: randomUUID(),
      files: { ...files, contracts: [] },
    },
  )
  if (exitCode !== 0) throw new SchemagateError(problems.map((each) => asReported(each, endpoint)))
}

const asItIs: ReadonlySet<Problem['category']> = new Set([
  ...(['bug', 'SIGINT', 'SIGTERM', 'unreachable', 'try again'] as const),
])

const asReported = (found: Problem, endpoint: Endpoint): Problem =>
  asItIs.has(found.category)
    ? found
    : problem(
        'scratch-build-failed',
        {
          endpoint: describeEndpoint(endpoint),
          reason: found.title,
          words: found.detail,
        },
        found.place,
      )
