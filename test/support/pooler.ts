// A real PgBouncer in front of a test server, in transaction mode unless told otherwise.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './database.ts'
import { freePort, password, superuser } from './servers.ts'

export type Pooler = { readonly port: number; readonly stop: () => Promise<void> }

/** `poolSize` server connections for each database: few, so that clients share them. */
export const startPooler = async (
  serverPort: number,
  poolSize: number,
  settings: Readonly<Record<string, string>> = {},
  /** Passwords of others than the superuser. */
  users: Readonly<Record<string, string>> = {},
): Promise<Pooler> => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-test-pooler-'))
  const port = await freePort()
  const passwords = Object.entries({ [superuser]: password, ...users })
  writeFileSync(
    join(folder, 'users.txt'),
    passwords.map(([user, secret]) => `"${user}" "${secret}"\n`).join(''),
  )
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=127.0.0.1 port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${folder}/users.txt
default_pool_size = ${poolSize}
max_client_conn = 200
; In seconds: how long it turns clients away after a server that was down. The default of 15 would only slow the tests.
server_login_retry = 1
${Object.entries({ pool_mode: 'transaction', ...settings })
  .map(([name, value]) => `${name} = ${value}\n`)
  .join('')}`,
  )
  chmodSync(folder, 0o755)
  const asUser = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  const child = spawn('pgbouncer', ['-q', ...asUser, join(folder, 'pgbouncer.ini')], {
    stdio: 'ignore',
  })
  await until('PgBouncer listens', () => answers(port))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, stop }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
