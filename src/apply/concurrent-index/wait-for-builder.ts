// Whoever works on the table already is waited for outside the server's queue. In it our statement would hold a snapshot, which a
// concurrent build waits for before it ends: a deadlock, of which the server ends one.

import { setTimeout as sleep } from 'node:timers/promises'
import { isOfNoOtherProgram, runsForUs } from '../../database/monitor/our-statements.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf } from '../../database/session/session.ts'
import type { BuildContext, BuildResult } from './build-result.ts'
import { lookAtTables, type Builder } from './look.ts'
import { announceProgress } from './progress.ts'

const pauseMs = 500

/** Undefined when it has ended. An orphan whose time is over is ended. `readBuilder` tells who works there now. */
export const waitForBuilder = async (
  { pid, kind }: Builder,
  shown: string,
  readBuilder: () => Promise<Builder | undefined>,
  context: BuildContext,
): Promise<BuildResult | undefined> => {
  const { looking, name, timeoutMs, announce, interruption } = context
  const started = Date.now()
  announce({ kind: 'index builder', index: shown, pid, whose: kind })
  const progress = announceProgress({ ...context, who: pid, shown })
  try {
    while ((await readBuilder())?.pid === pid) {
      if (interruption.aborted) return { kind: 'interrupted' }
      if (timeoutMs > 0 && Date.now() - started > timeoutMs) {
        if (kind !== 'orphan') return { kind: 'timed out', by: pid }
        rowsOf(looking, await looking.send(reading(end(pid, name))))
      }
      await sleep(pauseMs, undefined, { signal: interruption }).catch(() => undefined)
    }
    return undefined
  } finally {
    progress.stop()
  }
}

// Nobody else's session, not even one that has got the process's number since it was looked at.
const end = (pid: number, name: string): string =>
  `SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a
    WHERE a.pid = ${pid} AND ${runsForUs(name)} AND ${isOfNoOtherProgram}`

/** `tables` is a subquery that yields their oids. Undefined when nobody works on them. */
export const waitForTables = async (
  tables: string,
  shown: string,
  context: BuildContext,
): Promise<BuildResult | undefined> => {
  // Under the role of the work: the login role may not look into the schema. Who holds which lock, every role sees.
  const look = (): Promise<Builder | undefined> => lookAtTables(context.work, tables)
  for (let found = await look(); found !== undefined; found = await look()) {
    const waited = await waitForBuilder(found, shown, look, context)
    if (waited !== undefined) return waited
  }
  return undefined
}
