// What somebody else did to a database that the gate manages: made by hand what a file is going to make, or ran files by other means.
// The objects are the same; whether the data changes beside them were made, nobody can say but who did it.

import { describe, expect, test } from '@jest/globals'
import { arrange, queried, refuses, runs, type Scenario } from '../support/scenario.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const users = { '1_users.sql': 'CREATE TABLE users (id int PRIMARY KEY, visits int)' }

const mail = {
  '2_mail.sql': `ALTER TABLE users ADD COLUMN mail text;
INSERT INTO users VALUES (1, 0, 'x');
`,
}

const managed = async (version: ServerVersion, more: Record<string, string>): Promise<Scenario> => {
  const scenario = await arrange(version, users)
  await runs(scenario)
  scenario.write(more)
  return scenario
}

const byHand = async ({ database }: Scenario, sql: string): Promise<void> => {
  await database.sql.unsafe(sql).simple()
}

const count = 'SELECT count(*)::int FROM users'

describe.each(serverVersions)('made by hand on PostgreSQL %s', (version) => {
  test('the data changes beside what was made by hand are not taken as made', async () => {
    const scenario = await managed(version, mail)
    await byHand(scenario, 'ALTER TABLE users ADD COLUMN mail text')
    const said = await refuses(scenario)
    expect(said.slice(said.indexOf('error['), said.indexOf('MIGRATION'))).toMatchSnapshot()

    scenario.write({
      '2_mail.sql':
        '-- @fingerprint sql SELECT EXISTS (SELECT FROM users WHERE id = 1)\n' +
        mail['2_mail.sql'].replace('COLUMN', 'COLUMN IF NOT EXISTS'),
    })
    expect(await runs(scenario)).toEqual(['1_users: applied', '2_mail: applied'])
    expect(await queried(scenario, count)).toEqual([1])
  })

  test('a file that ran by other means is adopted', async () => {
    const scenario = await managed(version, mail)
    await byHand(scenario, mail['2_mail.sql'])
    expect(await refuses(scenario)).toContain('[undecided]')
    expect(await scenario.gate('adopt')).toMatchObject({ exitCode: 0 })
    expect(await runs(scenario)).toEqual(['1_users: applied', '2_mail: reconciled'])
    expect(await queried(scenario, count)).toEqual([1])
  })

  test('a file that may be repeated is, whoever made what is there', async () => {
    const scenario = await managed(version, {
      '2_mail.sql': `ALTER TABLE users ADD COLUMN IF NOT EXISTS mail text;
        INSERT INTO users VALUES (1, 0, 'x') ON CONFLICT DO NOTHING;`,
    })
    await byHand(scenario, 'ALTER TABLE users ADD COLUMN mail text')
    expect(await runs(scenario)).toEqual(['1_users: applied', '2_mail: applied'])
    expect(await queried(scenario, count)).toEqual([1])
  })

  test('data changes do not run again where files before and behind them ran by other means', async () => {
    const files = {
      '2_user.sql': 'INSERT INTO users VALUES (1, 0)',
      '3_visit.sql': 'UPDATE users SET visits = visits + 1',
      '4_mail.sql': 'ALTER TABLE users ADD COLUMN mail text',
      '5_visit.sql': 'UPDATE users SET visits = visits + 1',
    }
    const scenario = await managed(version, files)
    await byHand(scenario, Object.values(files).slice(0, 3).join(';'))
    const asked = (await refuses(scenario)).matchAll(
      /^error\[undecided\]: .* whether migrations\/(\S+)/gm,
    )
    expect([...asked].map(([, file]) => file)).toEqual(['2_user.sql', '3_visit.sql', '5_visit.sql'])
    expect(await scenario.gate('adopt')).toMatchObject({ exitCode: 0 })
    expect(await runs(scenario)).toEqual([
      '1_users: applied',
      '2_user: reconciled',
      '3_visit: reconciled',
      '4_mail: reconciled',
      '5_visit: applied',
    ])
    expect(await queried(scenario, 'SELECT visits FROM users')).toEqual([2])
  })

  test('in a database that was never managed, what stands alone behind what is missing tells nothing of its data', async () => {
    const scenario = await arrange(
      version,
      {
        ...users,
        '2_name.sql': 'ALTER TABLE users ADD COLUMN name text',
        '3_mail.sql': `ALTER TABLE users ADD COLUMN mail text; INSERT INTO users (id) VALUES (1);`,
      },
      `${users['1_users.sql']}; ALTER TABLE users ADD COLUMN mail text`,
    )
    expect(await refuses(scenario)).toContain('unknown: INSERT (line 1)')
    expect(await scenario.gate('adopt')).toMatchObject({ exitCode: 0 })
    expect(await runs(scenario)).toEqual([
      '1_users: reconciled',
      '2_name: applied',
      '3_mail: reconciled',
    ])
    expect(await queried(scenario, count)).toEqual([0])
  })
})
