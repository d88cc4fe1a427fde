// Why a declared index was not built, as a problem.

import type { BuildResult } from '../../apply/concurrent-index/build-result.ts'
import { interrupted } from '../../errors/interruption.ts'
import { serverStateOf } from '../../errors/server/server-state.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { isCondition } from '../../errors/server/sqlstate.ts'

type Ending = { readonly bound: string; readonly interruption: AbortSignal }

/** Undefined when the index is there. */
export const problemOf = (
  built: BuildResult,
  file: string,
  { bound, interruption }: Ending,
): Problem | undefined => {
  if (built.kind === 'built' || built.kind === 'there') return undefined
  if (interruption.aborted) return interrupted(interruption, `in ${file}`)
  const of = { file, number: 1 }
  switch (built.kind) {
    case 'interrupted':
      return interrupted(interruption, `in ${file}`)
    case 'lost':
      return problem('connection-lost', { role: built.role, reason: built.reason, file })
    case 'stopped':
      return built.problem
    case 'timed out':
      return problem('index-build-timeout', { ...of, bound, by: built.by })
    case 'duplicates': {
      const { keys, query } = built.duplicates
      return problem('index-not-unique', { ...of, keys, query, message: built.error.message })
    }
    case 'failed': {
      const { sqlstate, message, detail, hint, context, internalQuery } = built.error
      const state = serverStateOf(sqlstate)
      if (state !== undefined) {
        const words = { sqlstate, message, serverDetail: detail, hint, context, internalQuery }
        return problem(state, { ...words, file, phase: '', work: 'index' })
      }
      return isCondition(sqlstate, 'undefinedObject')
        ? problem('index-too-early', { file, missing: message })
        : problem('index-not-built', { file, sqlstate, message })
    }
  }
}
