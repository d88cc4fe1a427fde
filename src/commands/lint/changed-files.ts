// Which migration files are new or changed since a git ref, as git itself tells: the working tree against the ref, and files
// that nobody has added yet. git is run without a shell, and never with a ref that reads as a flag.

import { execFile } from 'node:child_process'
import { nodeErrorCode } from '../../errors/node-error.ts'
import { problem, SchemagateError, type Problem } from '../../errors/problem.ts'

/** Names of files in the folder. Throws SchemagateError: 'bad-git-ref', 'git-not-usable'. */
export const changedFiles = async (folder: string, ref: string): Promise<ReadonlySet<string>> => {
  const git = (...args: readonly string[]): Promise<GitAnswer> => runGit(folder, args)
  const bad = (reason: string): SchemagateError =>
    new SchemagateError([problem('bad-git-ref', { ref, reason })])
  if (ref.startsWith('-')) throw bad("a ref does not start with '-'")
  const verified = await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`)
  if (verified.kind === 'failed' && verified.code === '1')
    throw bad('git knows no such version, branch, tag or commit here')
  must(verified, ref)
  const compare = ['diff', '--name-only', '-z', '--no-ext-diff', '--no-renames', '--relative']
  const changed = must(await git(...compare, '--diff-filter=AM', ref, '--', '.'), ref)
  const untracked = must(await git('ls-files', '-z', '--others', '--exclude-standard'), ref)
  return new Set([...changed.split('\0'), ...untracked.split('\0')].filter((name) => name !== ''))
}

type GitAnswer =
  | { readonly kind: 'answered'; readonly stdout: string }
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string }

const must = (answer: GitAnswer, ref: string): string => {
  if (answer.kind === 'answered') return answer.stdout
  throw new SchemagateError([notUsable(answer.reason, ref)])
}

const notUsable = (reason: string, ref: string): Problem =>
  problem('git-not-usable', { ref, reason })

const runGit = (folder: string, args: readonly string[]): Promise<GitAnswer> =>
  new Promise((resolve) => {
    // Its words are looked at, so they must be in English; it must not write to the repository. What a hook of git has
    // set holds for the top of the checkout, not for this folder.
    const env = {
      ...process.env,
      ...{ LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
      ...{ GIT_DIR: undefined, GIT_INDEX_FILE: undefined, GIT_WORK_TREE: undefined },
    }
    const options = { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }
    execFile('git', [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'answered', stdout })
      else {
        const code = nodeErrorCode(error)
        resolve({ kind: 'failed', code, reason: reasonOf(code, stderr) })
      }
    })
  })

// git's own words name absolute paths.
const reasonOf = (code: string, stderr: string): string => {
  if (code === 'ENOENT') return 'git is not installed'
  if (stderr.includes('not a git repository')) return 'the migrations are not in a git repository'
  if (stderr.includes('dubious ownership'))
    return 'git does not trust this checkout, which belongs to another user (git config --global --add safe.directory <path>)'
  return 'git failed; run git status there to see why'
}
