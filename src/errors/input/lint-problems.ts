// What can keep lint from knowing which files are new.

import { define, notContacted } from '../define.ts'

export const lintProblems = {
  'bad-git-ref': define({
    category: 'usage',
    title: (facts: { ref: string; reason: string }) => `--since ${facts.ref}: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'Give a version (--since 0109), or a branch, tag or commit that this clone has; in CI, fetch it first: git fetch origin main, or check out the whole history (fetch-depth: 0).',
  }),
  'git-not-usable': define({
    category: 'usage',
    title: (facts: { ref: string; reason: string }) =>
      `--since ${facts.ref} needs git to find the new files, but ${facts.reason}`,
    database: notContacted,
    fix: () => 'Run it in a checkout where git is installed, or give a version: --since 0109.',
  }),
} as const
