// The flags of `schemagate indexes`, read without what builds them.

export const indexesFlags = {
  parallel: { type: 'string', describe: 'build on so many tables side by side (default 1)' },
  strict: { type: 'boolean', describe: 'exit with the code of the problem, not with 0' },
} as const
