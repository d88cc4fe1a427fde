// What a build is done with, how it ends, and how an index is called. Values.

import { identifier } from '../../database/literal.ts'
import type { Monitor } from '../../database/monitor/monitor.ts'
import type { ServerError } from '../../database/session/reply.ts'
import type { Session, SessionContext, SessionRole } from '../../database/session/session.ts'
import type { RelationName } from '../../schema/effects/effect.ts'
import type { Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { Duplicates } from './duplicates.ts'

export type BuildContext = SessionContext & {
  readonly work: Session
  /** `work`, under the login role, which sees what its own sessions run. */
  readonly looking: Session
  readonly monitor: Monitor
  /** A comment in front of each statement, by which a later run finds it on the server. */
  readonly name: string
  /** 0 for no bound. */
  readonly timeoutMs: number
  readonly announce: Announce
}

export type BuildResult =
  | { readonly kind: 'built' | 'there' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'lost'; readonly role: SessionRole; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: ServerError }
  | { readonly kind: 'duplicates'; readonly error: ServerError; readonly duplicates: Duplicates }
  /** Our own look at the catalog was not answered. */
  | { readonly kind: 'stopped'; readonly problem: Problem }
  /** `by` is the process of somebody else that builds it. */
  | { readonly kind: 'timed out'; readonly by: number | undefined }

export const showName = ({ schema, name }: RelationName): string =>
  schema === 'public' ? name : `${schema}.${name}`

export const sqlName = ({ schema, name }: RelationName): string =>
  `${identifier(schema)}.${identifier(name)}`
