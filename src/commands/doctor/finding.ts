// What `doctor` says about one thing: how bad it is, a sentence, and what to do. Values; text.ts and json.ts give them their form.

import { exitCodes, gravest, type ExitCategory } from '../../errors/exit-codes.ts'
import type { Problem } from '../../errors/problem.ts'

export type Topic =
  | 'gate'
  | 'endpoint'
  | 'server'
  | 'pooler'
  | 'second connection'
  | 'tls'
  | 'client check'
  | 'writes'
  | 'replication'
  | 'files'
  | 'ledger'
  | 'migrations'
  | 'role'
  | 'ledger rights'
  | 'schema rights'
  | 'ownership'
  | 'migration lock'
  | 'transactions'
  | 'prepared transactions'
  | 'hidden sessions'
  | 'invalid indexes'
  | 'timeouts'

type Common = {
  readonly topic: Topic
  readonly sentence: string
  /** Further lines: one for each session, index, table that the sentence is about. */
  readonly detail: readonly string[]
}

export type Finding =
  /** As a run wants it, or worth knowing and harmless. */
  | (Common & { readonly level: 'ok' | 'note'; readonly advice: string | undefined })
  /** A run can go on, and may be slowed or stopped by it. */
  | (Common & { readonly level: 'warning'; readonly advice: string })
  /** A run that started now would end badly. */
  | (Common & {
      readonly level: 'problem'
      readonly advice: string | undefined
      readonly category: ExitCategory
      /** Those that `run` would report, with their own advice. */
      readonly problems: readonly Problem[]
    })

export type Level = Finding['level']

type Lines = readonly string[]

export const ok = (topic: Topic, sentence: string, detail: Lines = []): Finding => ({
  ...{ level: 'ok', topic, sentence, detail, advice: undefined },
})

export const note = (
  topic: Topic,
  sentence: string,
  { detail = [], advice }: { readonly detail?: Lines; readonly advice?: string } = {},
): Finding => ({ level: 'note', topic, sentence, detail, advice })

export const warning = (
  topic: Topic,
  sentence: string,
  advice: string,
  detail: Lines = [],
): Finding => ({ level: 'warning', topic, sentence, detail, advice })

/** What blocks a run, and how a run would end there. */
export const obstacle = (
  topic: Topic,
  category: ExitCategory,
  sentence: string,
  { advice, detail = [] }: { readonly advice: string; readonly detail?: Lines },
): Finding => ({ level: 'problem', topic, category, sentence, detail, advice, problems: [] })

/** The same, of problems that `run` itself would report. */
export const refused = (topic: Topic, sentence: string, problems: readonly Problem[]): Finding => ({
  ...{ level: 'problem', topic, sentence, problems, detail: [], advice: undefined },
  category: gravest(problems.map(({ category }) => category)),
})

/** That of a run that started now. Warnings do not change it. */
export const exitCodeOf = (findings: readonly Finding[]): number =>
  exitCodes[gravest(findings.flatMap((each) => (each.level === 'problem' ? [each.category] : [])))]
