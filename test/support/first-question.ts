// How the server's log shows the first message of a session. Its settings are what a pooled connection may carry, put aside for
// this message alone; what it does stands in the same line.

export const firstQuestion =
  'SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL search_path TO DEFAULT; SET LOCAL default_transaction_read_only TO DEFAULT; SELECT '

/** How every statement begins that the log shows of a command which changes nothing. */
export const readingOnly =
  /^((ROLLBACK; )?(SET TRANSACTION|BEGIN)( ISOLATION LEVEL READ COMMITTED)? READ ONLY;|ROLLBACK$)/
