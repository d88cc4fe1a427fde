// goose: 0001_name.sql with '-- +goose Up' and '-- +goose Down', in the order of its numbers; migrations in Go among them.
// https://pressly.github.io/goose/documentation/annotations/

import { cutUp } from '../syntax/cut.ts'
import type { Dialect } from '../dialect.ts'
import { fillFromEnvironment } from '../syntax/envsub.ts'
import { byNumber, numberedFiles, numeric } from '../listing.ts'

const cut = cutUp({ needs: '-- +goose Up', off: 'anywhere' })

export const goose: Dialect = {
  name: 'goose',
  tool: 'goose',
  marked: 'each',
  list: ({ names }) =>
    numberedFiles(
      names.filter((name) => !name.endsWith('_test.go')),
      { code: /^\d+_.*\.go$/, version: numeric, order: byNumber },
    ),
  up: (file, variables) => fillFromEnvironment(file, cut(file, variables), variables),
  create: ({ number, name, body }) => ({
    entry: `${number}_${name}.sql`,
    text: `-- +goose Up\n${body}`,
  }),
}
