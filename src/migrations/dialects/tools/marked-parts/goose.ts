// goose: 0001_name.sql with '-- +goose Up' and '-- +goose Down', in the order of its numbers; migrations in Go among them.
// https://pressly.github.io/goose/documentation/annotations/

import { cutUp } from '../../syntax/cut.ts'
import type { FoundMarker } from '../../../foreign/find-markers.ts'
import { placeAt } from '../../../../sql/text/offsets.ts'
import type { Dialect, ForeignFile, Misfit } from '../../dialect.ts'
import { fillFromEnvironment } from '../../syntax/envsub.ts'
import { ledgerNameIn } from '../../ledger-name.ts'
import { byNumber, numberedFiles, numeric } from '../../listing.ts'

const cut = cutUp({ needs: '-- +goose Up', off: 'anywhere' })

export const goose: Dialect = {
  name: 'goose',
  tool: 'goose',
  marked: 'each',
  list: (folder) => ({
    ...numberedFiles(
      folder.names.filter((name) => !name.endsWith('_test.go')),
      { code: /^\d+_.*\.go$/, version: numeric, order: byNumber },
    ),
    ledger: ledgerNameIn(folder, { environment: { table: 'GOOSE_TABLE' } }),
  }),
  up: (file, variables) => {
    const up = fillFromEnvironment(file, cut(file, variables), variables)
    return { ...up, misfits: [...up.misfits, ...unbalanced(file)] }
  },
  create: ({ number, name, body }) => ({
    entry: `${number}_${name}.sql`,
    text: `-- +goose Up\n${body}`,
  }),
}

/** Each StatementBegin has its StatementEnd in the same part. */
const unbalanced = ({ file, text, found }: ForeignFile): readonly Misfit[] => {
  let open: FoundMarker | undefined
  for (const each of found) {
    if (/statementbegin\b/i.test(each.text)) {
      if (open !== undefined) break
      open = each
    } else if (/statementend\b/i.test(each.text)) {
      if (open === undefined)
        return [
          {
            reason: "has '-- +goose StatementEnd' without a StatementBegin",
            place: placeAt(file, text, each.start),
          },
        ]
      open = undefined
    } else if (open !== undefined && !each.marker.roles.includes('rewrites')) break
  }
  return open === undefined
    ? []
    : [
        {
          reason: "has '-- +goose StatementBegin' without a StatementEnd",
          place: placeAt(file, text, open.start),
        },
      ]
}
