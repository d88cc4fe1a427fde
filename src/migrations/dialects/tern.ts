// tern: 001_name.sql, numbered from 1 without a gap; what undoes is below '---- create above / drop below ----'.
// https://github.com/jackc/tern#migrations

import { placeAt } from '../../sql/offsets.ts'
import { cutUp } from './cut.ts'
import type { Dialect, Listing } from './dialect.ts'
import { byNumber, numberedFiles, numeric } from './listing.ts'

const cut = cutUp({ off: 'where it goes up' })

export const tern: Dialect = {
  name: 'tern',
  tool: 'tern',
  marked: 'most',
  list: ({ names }) =>
    withoutGap(
      numberedFiles(
        names.filter((name) => name !== 'tern.conf'),
        { version: numeric, order: byNumber },
      ),
    ),
  up: (file, variables) => {
    const up = cut(file, variables)
    const template = up.text.indexOf('{{')
    if (template === -1) return up
    const place = placeAt(file.file, file.text, template)
    const reason = "has '{{', which begins a template that only tern fills in"
    return { ...up, misfits: [...up.misfits, { reason, place }] }
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
