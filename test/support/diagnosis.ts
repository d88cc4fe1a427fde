// What `schemagate doctor --json` says, finding by finding.

import { expect } from '@jest/globals'
import { runGate } from './gate.ts'

type Finding = {
  readonly level: 'ok' | 'note' | 'warning' | 'problem'
  readonly topic: string
  readonly sentence: string
  readonly detail: readonly string[]
  readonly advice?: string
  readonly exit_code?: number
  readonly problems?: readonly { readonly code: string; readonly title: string }[]
}

export type Diagnosis = {
  readonly exitCode: number | null
  readonly all: readonly Finding[]
  readonly of: (topic: string) => Finding
}

export const diagnosed = async (
  folder: string,
  environment: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<Diagnosis> => {
  const args = ['doctor', '--json', ...flags]
  const { exitCode, stdout } = await runGate({ args, folder, environment })
  const { findings, exit_code: said } = JSON.parse(stdout) as {
    findings: readonly Finding[]
    exit_code: number
  }
  expect(exitCode).toBe(said)
  const of = (topic: string): Finding => {
    const [found, ...more] = findings.filter((each) => each.topic === topic)
    if (found === undefined || more.length > 0) throw new Error(`${more.length} findings: ${topic}`)
    return found
  }
  return { exitCode, all: findings, of }
}

/** What is more than a note. */
export const bad = ({ all }: Diagnosis): readonly string[] =>
  all.filter(({ level }) => level === 'warning' || level === 'problem').map(({ topic }) => topic)
