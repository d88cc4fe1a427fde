// What a squash has made, as text and as JSON.

import packageJson from '../../../package.json' with { type: 'json' }
import { shellWord } from '../../errors/define.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import type { Migration, Replaces } from '../../migrations/migration.ts'
import { oneLine } from '../../report/visible.ts'
import type { LeftOut } from './left-out.ts'

export type SquashReport = {
  readonly file: string
  readonly replaces: Replaces
  readonly files: readonly Migration[]
  readonly objects: number
  readonly serverVersion: string
  readonly leftOut: readonly LeftOut[]
  readonly tablesWithRows: readonly string[]
}

const removal = ({ files }: SquashReport): string =>
  `git rm ${files.map(({ file }) => shellWord(file)).join(' ')}`

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

export const renderSquash = (report: SquashReport): string => {
  const { file, replaces, files, objects, serverVersion, leftOut, tablesWithRows } = report
  const lines = leftOut.map(({ file: from, place, what, why }) => [
    place === undefined ? from : `${from}:${place.line}`,
    `${what}${why === 'changes rows' ? '' : ` (${why})`}`,
  ])
  const widest = Math.max(0, ...lines.map(([at = '']) => at.length))
  return [
    `wrote ${file}: ${counted(files.length, 'file')} (${replaces.from} to ${replaces.to}) as ${counted(objects, 'object')}`,
    `proved on PostgreSQL ${serverVersion}: the files and the base make the same database`,
    ...(lines.length === 0
      ? []
      : [
          '',
          'Not in the base, which makes objects and no rows. What a new database needs of it, write at the end of the base:',
          ...lines.map(([at = '', what = '']) => `  ${at.padEnd(widest)}  ${oneLine(what)}`),
        ]),
    ...(tablesWithRows.length === 0
      ? []
      : [
          '',
          `Tables that have rows once the files have run: ${tablesWithRows.map(oneLine).join(', ')}`,
        ]),
    '',
    'next: remove the files that it replaces, in the same commit',
    removal(report),
    '',
  ].join('\n')
}

export const squashJson = (report: SquashReport): Readonly<Record<string, unknown>> => {
  const { file, replaces, files, objects, serverVersion, leftOut, tablesWithRows } = report
  return {
    tool_version: packageJson.version,
    exit_code: exitCodes.ok,
    file,
    replaces: { from: replaces.from, to: replaces.to, sha256: replaces.digest },
    files: files.map((each) => each.file),
    ...{ objects, server_version: serverVersion },
    left_out: leftOut.map(({ file: from, place, what, why }) => ({
      file: from,
      line: place?.line,
      what,
      why: why.replaceAll(' ', '_'),
    })),
    tables_with_rows: tablesWithRows,
    remove: removal(report),
  }
}
