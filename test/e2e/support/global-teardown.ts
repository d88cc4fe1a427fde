import { docker } from './command.ts'
import { network, serverName } from './names.ts'

export default async function tearDown(): Promise<void> {
  await docker('rm', '--force', '--volumes', serverName)
  await docker('network', 'rm', network)
}
