// Free to choose: the engine is ours alone.

export const network = 'schemagate-e2e'
export const serverName = 'schemagate-e2e-server'
export const gateImage = 'schemagate'
export const postgresImage = 'stand-in-postgres'
