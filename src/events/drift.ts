// What a run announces of tables that are not as the recorded files make them.

export type TableDrift = {
  readonly difference: 'missing' | 'different' | 'extra'
  /** 'column customer.note' */
  readonly object: string
  readonly objectKind: string
  readonly schema: string
  /** The table that it belongs to; '' for all others. */
  readonly table: string
  readonly name: string
  /** Undefined for what is missing or extra as a whole. */
  readonly property: string | undefined
  /** In the server's words. */
  readonly expected: string | undefined
  readonly found: string | undefined
  /** Of the statement that made it so, or dropped what is there. */
  readonly file: string | undefined
  readonly line: number | undefined
}

export type DriftEvent = { readonly kind: 'table drifted' } & TableDrift
