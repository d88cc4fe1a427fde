// Each tool whose folders are read has a page of one screen, and what the page says of its ledger is what the program knows.

import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { dialects } from '../../src/migrations/dialects/dialects.ts'
import { toolLedgers } from '../../src/tool-ledger/ledgers.ts'
import { dialectFolders } from '../support/dialect-folders.ts'
import './one-realm.ts'

const project = join(import.meta.dirname, '../..')
const overview = readFileSync(join(project, 'docs/coming-from.md'), 'utf8')

test('there is a page for each tool and for nothing else, and the overview leads to it', () => {
  const pages = readdirSync(join(project, 'docs/coming-from')).sort()
  expect(pages).toEqual(dialects.map(({ name }) => `${name}.md`).sort())
  expect(pages.filter((page) => !overview.includes(`](coming-from/${page})`))).toEqual([])
})

describe.each(dialects)('the page of $name', ({ name, tool, sum }) => {
  const page = readFileSync(join(project, `docs/coming-from/${name}.md`), 'utf8')
  const plain = page.replaceAll(/\s+/g, ' ')

  test('is one screen, with what to change, what is checked, and the way back', () => {
    expect(page.split('\n').length).toBeLessThanOrEqual(60)
    expect(page.match(/^#+ .*/gm)).toEqual([
      `# Coming from ${tool}`,
      ...['## What to change', '## What runs', '## What is checked', '## How to go back'],
    ])
  })

  test('has a service that compose reads, with the name of the tool', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const { migrate } = parse(yaml) as { migrate: { image: string; environment: unknown } }
    expect(migrate.image).toBe('schemagate')
    expect(migrate.environment).toMatchObject({ MIGRATIONS_DIALECT: name })
  })

  test('names the table, and whether the tool keeps a checksum and takes a lock', () => {
    const ledgers = toolLedgers.filter(({ dialect }) => dialect === name)
    expect(ledgers.length).toBeGreaterThan(0)
    for (const { schema, table } of ledgers)
      expect(page).toContain(`\`${schema === undefined ? '' : `${schema}.`}${table}\``)
    expect(/(?:checksum|hash|sum) of each file/.test(plain)).toBe(
      sum !== undefined || name === 'atlas',
    )
    if (
      ledgers.every(({ lock, lockTable }) => (lock ?? lockTable) === undefined) &&
      sum === undefined &&
      name !== 'hasura'
    )
      expect(plain).toMatch(
        /keeps (?:no checksum|the statements and no checksum), and takes no lock/,
      )
    else expect(plain).not.toContain('takes no lock')
  })

  test('says that parts which undo never run, where the tool has them', () => {
    const hasDowns = dialectFolders.some(
      ({ dialect, downParts }) => dialect === name && downParts > 0,
    )
    expect(plain.includes('never run')).toBe(hasDowns)
  })
})
