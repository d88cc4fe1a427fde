// tern: 001_name.sql, numbered from 1 without a gap; what undoes is below '---- create above / drop below ----'.
// https://github.com/jackc/tern#migrations

import { cutUp } from '../../syntax/cut.ts'
import type { Dialect, Listing } from '../../dialect.ts'
import { ledgerNameIn } from '../../ledger-name.ts'
import { byNumber, numberedFiles, numeric } from '../../listing.ts'
import { withoutTemplate } from '../../syntax/template-marks.ts'

const cut = cutUp({ off: 'where it goes up' })

export const tern: Dialect = {
  name: 'tern',
  tool: 'tern',
  marked: 'most',
  list: (folder) => ({
    ...withoutGap(
      numberedFiles(
        folder.names.filter((name) => name !== 'tern.conf'),
        { version: numeric, order: byNumber },
      ),
    ),
    ledger: ledgerNameIn(folder, {
      ...{ environment: {}, files: ['tern.conf'], keys: { table: 'version_table' } },
    }),
  }),
  up: (file, variables) => {
    const up = cut(file, variables)
    return withoutTemplate('tern', file, up)
  },
  create: ({ number, name, body }) => ({
    entry: `${number}_${name}.sql`,
    text: `${body}\n---- create above / drop below ----\n`,
  }),
}

const withoutGap = (listing: Listing): Listing => {
  const { files, strays } = listing
  const at = files.findIndex(({ version }, index) => Number(version) > index + 1)
  const behind = files[at]
  return behind === undefined
    ? listing
    : {
        ...listing,
        strays: [
          ...strays,
          { entry: behind.entry, reason: `follows a gap: there is no migration ${at + 1}` },
        ],
      }
}
