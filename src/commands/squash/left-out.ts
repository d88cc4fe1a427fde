// What a base file does not have of the files that it replaces: statements that change rows, and those that reach beyond the
// database. A person decides what a new database needs of them. Pure.

import type { Place } from '../../errors/problem.ts'
import { placeOfChange } from '../../reconcile/refuse.ts'
import { dataChanges } from '../../reconcile/repeat.ts'
import type { History, ReadStatement } from '../../schema/history/history.ts'
import { beyondDatabase } from '../scratch/beyond-database.ts'

export type LeftOut = {
  readonly file: string
  readonly place: Place | undefined
  /** 'INSERT', 'CREATE ROLE' */
  readonly what: string
  readonly why: 'changes rows' | 'reaches beyond the database' | 'cannot be read'
}

/** In the order of the files. */
export const leftOutOf = (history: History): readonly LeftOut[] => {
  const beyond = beyondDatabase(history)
  return history.migrations.flatMap(
    ({ migration: { file }, statements }, at): readonly LeftOut[] => {
      if (statements === undefined)
        return [{ file, place: undefined, what: 'the whole file', why: 'cannot be read' }]
      const rows = dataChanges(statements).flatMap(({ what, statement }): readonly LeftOut[] =>
        isSetting(statements[statement])
          ? []
          : [{ file, place: placeOfChange({ at, statement }, history), what, why: 'changes rows' }],
      )
      const others = beyond
        .filter(({ place }) => place?.file === file)
        .map((each): LeftOut => ({ file, ...each, why: 'reaches beyond the database' }))
      return [...rows, ...others].sort((a, b) => lineOf(a) - lineOf(b))
    },
  )
}

const lineOf = ({ place }: LeftOut): number => place?.line ?? 0

// SELECT set_config('search_path', …) of a dump.
const isSetting = (statement: ReadStatement | undefined): boolean =>
  statement !== undefined &&
  'SelectStmt' in statement.node &&
  JSON.stringify(statement.node).includes('"set_config"')
