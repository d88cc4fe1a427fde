import { rmSync } from 'node:fs'
import './global-setup.ts'
import { emptyFolderOf, startedVersions } from './servers.ts'

export default async function tearDown(): Promise<void> {
  const servers = globalThis.schemagateServers ?? []
  globalThis.schemagateServers = []
  for (const server of servers) await server.stop()
  for (const version of startedVersions) {
    const folder = process.env[emptyFolderOf(version)]
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}
