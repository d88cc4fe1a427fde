// What a run announces of the ledger of another tool.

export type TakeOverEvent =
  /** Rows of repeatable files that are no longer in the folder. */
  | { readonly kind: 'tool files removed'; readonly versions: readonly string[] }
  | {
      readonly kind: 'tool ledger read'
      readonly tool: string
      readonly table: string
      /** Of the files. */
      readonly applied: number
      readonly of: number
      /** What was begun, with what the table says of it. */
      readonly unfinished: readonly { readonly file: string; readonly because: string }[]
      /** Versions that the files do not have. */
      readonly unknown: readonly string[]
    }
  | {
      readonly kind: 'tool ledger left alone'
      readonly tool: string
      readonly table: string
      readonly because: string
    }
  | {
      readonly kind: 'tool ledger written'
      readonly tool: string
      readonly table: string
    }
  | {
      readonly kind: 'tool ledger not written'
      readonly tool: string
      readonly table: string
      readonly because: string
    }
  | {
      readonly kind: 'tool at work'
      readonly tool: string
      readonly table: string
      readonly waitedSeconds: number
    }
