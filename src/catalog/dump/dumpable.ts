// One object of a dump: what it is called, its place in the order, what it needs, and its statements. Pure values.

/** A part of an object that may have to follow it by itself. */
export type Piece = {
  /** The catalog and the oid: 'pg_attrdef 16412'. */
  readonly id: string
  readonly kind: string
  readonly name: string
  /** What COMMENT ON takes; '' where nothing is. */
  readonly target: string
  /** When it is by itself. */
  readonly statements: readonly string[]
}

export type Dumpable = {
  readonly id: string
  readonly kind: string
  readonly phase: number
  readonly schema: string
  /** Of what it belongs to; '' for an object of its own. */
  readonly relation: string
  readonly name: string
  readonly target: string
  readonly owner: string | null
  readonly pieces: readonly Piece[]
  /** Those that are by themselves in any case. */
  readonly apart: readonly string[]
  readonly text: (apart: ReadonlySet<string>) => readonly string[]
  /** When its owner is set. */
  readonly last?: readonly string[]
}

/** From an object or piece to one that must be there before it. */
export type Need = { readonly id: string; readonly needs: string }
