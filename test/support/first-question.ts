// How the server's log shows the first message of a session. Its settings are what a pooled connection may carry, put aside for
// this message alone; what it does stands in the same line.

export const firstQuestion =
  'SET LOCAL search_path TO DEFAULT; SET LOCAL default_transaction_read_only TO DEFAULT; SELECT '
