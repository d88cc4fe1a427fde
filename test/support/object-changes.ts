// What can happen to an object of migrations/objects/: by its file and by hand, by what it needs, and gone.

import { expect } from '@jest/globals'
import type { Files } from './gate.ts'
import { role, type Kind } from './object-kinds.ts'
import { arrange, queried, runs, type Scenario } from './scenario.ts'
import { serverVersions, type ServerVersion } from './servers.ts'

export const base: Files = {
  '0001_base.sql': `CREATE SCHEMA app;
CREATE TYPE app.pair AS (a int, b int);
`,
}

const filesOf = ({ needs, file, text }: Kind, other = text): Files => ({
  ...base,
  ...needs,
  [file]: other,
})

export const withRole = `DO $$ BEGIN CREATE ROLE ${role} SUPERUSER; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;`

const made = async (version: ServerVersion, kind: Kind, text?: string): Promise<Scenario> => {
  const scenario = await arrange(version, filesOf(kind, text), withRole)
  await runs(scenario)
  return scenario
}

export const upToDate = async ({ gate }: Scenario): Promise<void> => {
  const again = await gate('run')
  expect(again).toMatchObject({ exitCode: 0 })
  expect(again.stdout).toContain('up to date')
  expect(again.stderr).not.toContain('lock acquired')
}

type Change = (version: ServerVersion, kind: Kind) => Promise<void>

const changes: Readonly<Record<string, Change>> = {
  'is made, and nothing is done again': async (version, kind) => {
    const scenario = await arrange(version, filesOf(kind), withRole)
    const planned = await scenario.gate('plan')
    expect(planned.stdout).toContain(`migrations/${kind.file}  not recorded`)
    const first = await scenario.gate('run')
    expect(first).toMatchObject({ exitCode: 0 })
    expect(first.stdout).toContain(`${Object.keys(kind.needs).length + 1} object`)
    expect(await queried(scenario, kind.state)).not.toEqual([])
    await upToDate(scenario)
    expect(await queried(scenario, 'SELECT kind FROM schemagate.schema_objects')).toContain(
      kind.name,
    )
    const drift = await scenario.gate('drift')
    expect(drift).toMatchObject({ exitCode: 0 })
    expect(drift.stdout).not.toContain('not seen')
  },
  'is edited by its file, as a new database has it': async (version, kind) => {
    const scenario = await made(version, kind)
    for (const edit of kind.edits) {
      scenario.write({ [kind.file]: edit })
      const run = await scenario.gate('run')
      expect(run).toMatchObject({ exitCode: 0 })
      expect(run.stdout).toContain(kind.described)
      expect(run.stderr).not.toContain('somebody had')
      await upToDate(scenario)
      const fresh = await made(version, kind, edit)
      expect(await queried(scenario, kind.state)).toEqual(await queried(fresh, kind.state))
    }
  },
  'is edited in its text alone: nothing changes': async (version, kind) => {
    const scenario = await made(version, kind)
    const before = await queried(scenario, kind.state)
    const row = await queried(scenario, kind.row)
    scenario.write({ [kind.file]: `-- Why it is there.\n${kind.respelled ?? kind.text}` })
    const run = await scenario.gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).not.toContain('object changed')
    expect(await queried(scenario, kind.state)).toEqual(before)
    expect(await queried(scenario, kind.row)).toEqual(row)
    await upToDate(scenario)
  },
  'is edited by hand: reported, and as its file says again': async (version, kind) => {
    const scenario = await made(version, kind)
    const before = await queried(scenario, kind.state)
    for (const sql of kind.byHand) {
      await scenario.database.sql.unsafe(sql).simple()
      expect(await queried(scenario, kind.state)).not.toEqual(before)
      const drift = await scenario.gate('drift')
      expect(drift).toMatchObject({ exitCode: 3 })
      expect(drift.stdout).toContain(`different   ${kind.described}: definition`)
      expect((await scenario.gate('plan')).stdout).toContain('changed by hand')
      const run = await scenario.gate('run')
      expect(run).toMatchObject({ exitCode: 0 })
      expect(run.stderr).toContain(`${kind.described} replaced`)
      expect(run.stderr).toContain('somebody had changed it')
      expect(await queried(scenario, kind.state)).toEqual(before)
      await upToDate(scenario)
    }
  },
  'is dropped by hand: reported, and made again': async (version, kind) => {
    const scenario = await made(version, kind)
    const before = await queried(scenario, kind.state)
    await scenario.database.sql.unsafe(kind.drop).simple()
    const drift = await scenario.gate('drift')
    expect(drift).toMatchObject({ exitCode: 3 })
    expect(drift.stdout).toContain(`missing     ${kind.described}`)
    const run = await scenario.gate('run')
    expect(run.stderr).toMatch(/created .*somebody had dropped it/)
    expect(await queried(scenario, kind.state)).toEqual(before)
    await upToDate(scenario)
  },
  'has an owner and a comment by hand, which stay': async (version, kind) => {
    const scenario = await made(version, kind)
    for (const sql of kind.said) await scenario.database.sql.unsafe(sql).simple()
    await runs(scenario)
    await upToDate(scenario)
    const said = await queried(scenario, kind.saidOf)
    const [edit = ''] = kind.edits
    scenario.write({ [kind.file]: edit })
    await runs(scenario)
    expect(await queried(scenario, kind.saidOf)).toEqual(said)
    await upToDate(scenario)
  },
  'needs what is made again, and is made again with it': async (version, kind) => {
    const scenario = await made(version, kind)
    const before = await queried(scenario, kind.state)
    scenario.write(kind.need ?? {})
    const run = await scenario.gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain(`made again  ${kind.described}`)
    expect(await queried(scenario, kind.state)).toEqual(before)
    await upToDate(scenario)
  },
  'loses its file: an orphan, which @drop drops': async (version, kind) => {
    const scenario = await made(version, kind)
    scenario.remove(kind.file)
    const left = await scenario.gate('run')
    expect(left.stderr).toContain(`${kind.described} was made from ${kind.file}`)
    expect(await queried(scenario, kind.state)).not.toEqual([])
    const users = Object.keys(kind.needs).filter((name) => name.startsWith('objects/a_'))
    scenario.write(Object.fromEntries([kind.file, ...users].map((name) => [name, '-- @drop\n'])))
    expect((await scenario.gate('plan')).stdout).toContain(`drop    ${kind.described}`)
    await runs(scenario)
    expect(await queried(scenario, kind.state)).toEqual([])
    await upToDate(scenario)
  },
  'is in the dump, which makes the same': async (version, kind) => {
    const scenario = await made(version, kind)
    const dump = await scenario.gate('schema', 'dump')
    expect(dump).toMatchObject({ exitCode: 0 })
    const loaded = await arrange(version, base, withRole)
    await loaded.database.sql.unsafe(dump.stdout).simple()
    await loaded.database.sql.unsafe("SELECT set_config('search_path', 'public', false)")
    expect(await queried(loaded, kind.state)).toEqual(await queried(scenario, kind.state))
  },
}

const changesOf = (kind: Kind): Readonly<Record<string, Change>> =>
  Object.fromEntries(
    Object.entries(changes).filter(
      ([change]) =>
        !(change.startsWith('has an owner') && kind.said.length === 0) &&
        !(change.startsWith('needs what') && kind.need === undefined),
    ),
  )

type Pair = {
  readonly version: ServerVersion
  readonly name: string
  readonly change: string
  readonly check: () => Promise<void>
}

/** Each kind with each change, on each server. */
export const pairsOf = (kinds: readonly Kind[]): readonly Pair[] =>
  kinds.flatMap((kind) =>
    Object.entries(changesOf(kind)).flatMap(([change, does]) =>
      serverVersions.map((version) => ({
        ...{ version, name: kind.described, change, check: () => does(version, kind) },
      })),
    ),
  )
