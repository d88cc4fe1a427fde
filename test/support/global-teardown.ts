import './global-setup.ts'

export default async function tearDown(): Promise<void> {
  for (const server of globalThis.schemagateServers ?? []) await server.stop()
}
