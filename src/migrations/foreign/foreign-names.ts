// Files and folders that have the names of another tool, each kind reported once: a folder that came from elsewhere has
// hundreds of them.

import { readdirSync } from 'node:fs'
import { sep } from 'node:path'
import { problem, type Problem } from '../../errors/problem.ts'
import { foreignFileName, foreignFolderName, type ForeignName } from './names.ts'

export type ForeignNames = {
  readonly problems: readonly Problem[]
  /** The names that may be ours. */
  readonly others: readonly string[]
}

/** `shown` is the folder as messages show it. */
export const foreignNames = (
  folder: string,
  shown: string,
  names: readonly string[],
): ForeignNames => {
  const kinds = new Map<ForeignName, string[]>()
  const others = names.filter((name) => {
    const kind = foreignFileName(name) ?? foreignFolderName(name, namesIn(`${folder}${sep}${name}`))
    if (kind === undefined) return true
    kinds.set(kind, [...(kinds.get(kind) ?? []), name])
    return false
  })
  return {
    problems: [...kinds].map(([kind, entries]) => problemOf(kind, shown, entries)),
    others,
  }
}

// Of all that cannot be ours by its name: files of SQL are not asked whether they are folders.
const namesIn = (path: string): readonly string[] => {
  if (path.endsWith('.sql')) return []
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

const problemOf = (
  { tool, means, cure }: ForeignName,
  shown: string,
  entries: readonly string[],
): Problem => {
  const [file = '', ...others] = entries.map((entry) => `${shown}/${entry}`)
  return problem('foreign-dialect', {
    ...{ file, tool, sign: 'its name', means, undoing: [], others },
    cure: cure(shown, entries),
  })
}
