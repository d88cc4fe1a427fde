// Node's errors are recognised by their code (ENOENT, EACCES, …): their messages hold absolute paths.

export const nodeErrorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
