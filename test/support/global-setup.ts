// Before the integration tests: the bundle that users run, and one server of each version. Ports and folders reach
// the test files through the environment, and so does the folder that servers of their own are copied from.

import { execFileSync } from 'node:child_process'
import {
  emptyFolderOf,
  makeEmptyFolder,
  startedVersions,
  startServer,
  type RunningServer,
} from './servers.ts'
import { prepareTemplate } from './template.ts'

declare global {
  var schemagateServers: RunningServer[] | undefined
}

export default async function setUp(): Promise<void> {
  // Two of the projects have them in common.
  if (globalThis.schemagateServers !== undefined) return
  execFileSync(process.execPath, ['scripts/build.js'], { stdio: 'inherit' })
  globalThis.schemagateServers = []
  for (const version of startedVersions) {
    process.env[emptyFolderOf(version)] ??= await makeEmptyFolder(version)
    const server = await startServer(version)
    globalThis.schemagateServers.push(server)
    await prepareTemplate(server.url)
    process.env[`SCHEMAGATE_TEST_PORT_${version}`] = String(server.port)
    process.env[`SCHEMAGATE_TEST_FOLDER_${version}`] = server.folder
  }
}
