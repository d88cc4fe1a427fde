// Every lint rule on real servers: its bad example does the harm that the rule names, its good example does not.

import { describe, expect, test } from '@jest/globals'
import { rules } from '../../src/lint/rules/rules.ts'
import type { Example, Rule } from '../../src/lint/rule.ts'
import { createDatabase } from '../support/database.ts'
import { run, showsHarm } from '../support/hazard.ts'
import { serverVersions } from '../support/servers.ts'

const textsOf = ({ files }: Example): readonly string[] =>
  Object.entries(files).flatMap(([name, text]) =>
    /^(contracts|objects)\//.test(name) ? [] : [text],
  )

const harmless = rules.filter(({ hazard: harm }) => harm.kind === 'none').map(({ id }) => id)

test('only rules about comments name no harm', () => {
  expect(harmless).toEqual(['unknown-allow', 'unused-allow'])
})

const cases = serverVersions.flatMap((version) =>
  rules.map((rule) => [rule.id, version, rule] as const),
)

describe.each(cases)('%s on PostgreSQL %s', (_, version, rule: Rule) => {
  test('its bad example hurts', async () => {
    const database = await createDatabase(version)
    const texts = [...textsOf(rule.bad)]
    const last = texts.pop() ?? ''
    for (const text of texts) await run(database, text)
    expect(await showsHarm(database, last, rule.hazard)).toBe(rule.hazard.kind !== 'none')
  })

  test('its good example does not', async () => {
    const database = await createDatabase(version)
    const before = textsOf(rule.bad)
    for (const text of textsOf(rule.good))
      if (before.includes(text)) await run(database, text)
      else expect(await showsHarm(database, text, rule.hazard)).toBe(false)
  })
})
