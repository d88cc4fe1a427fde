// What a database has of the things that contracts name, as a value. catalog/facts/contract-facts.ts reads it.

export type RelationKind = 'table' | 'view'

export type ColumnFacts = {
  /** As format_type() writes it, with the schema where it is not pg_catalog. Undefined where nobody says it. */
  readonly type: string | undefined
  readonly nullable: boolean | undefined
  /** What fills it when an INSERT leaves it out. */
  readonly filledBy: 'default' | 'identity' | 'generated' | 'nothing' | undefined
  /** The default as SQL, in the server's words; undefined where it was not asked for. */
  readonly default: string | undefined
}

export type IndexFacts = {
  /** What pg_get_indexdef() has behind USING; undefined where it was not asked for. */
  readonly definition: string | undefined
  readonly unique: boolean
  readonly valid: boolean
}

export type ConstraintFacts = {
  /** As pg_get_constraintdef() writes it, without NOT VALID; undefined where it was not asked for. */
  readonly definition: string | undefined
  readonly validated: boolean
}

export type RelationFacts = {
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  readonly columns: ReadonlyMap<string, ColumnFacts>
  readonly indexes: ReadonlyMap<string, IndexFacts>
  readonly constraints: ReadonlyMap<string, ConstraintFacts>
}

export type FunctionFacts = {
  readonly schema: string
  readonly name: string
  /** As format_type() writes each. */
  readonly argumentTypes: readonly string[]
  /** 'SETOF text' for a set; undefined for a procedure. */
  readonly returns: string | undefined
}

type EnumFacts = {
  readonly schema: string
  readonly name: string
  readonly labels: readonly string[]
}

export type Facts = {
  /** The schemas that a name without one is looked for in. */
  readonly searchPath: readonly string[]
  /** By the name that was asked for. */
  readonly relations: ReadonlyMap<string, RelationFacts>
  readonly enums: ReadonlyMap<string, EnumFacts>
  readonly extensions: ReadonlySet<string>
  /** Every overload of the names that were asked for. */
  readonly functions: readonly FunctionFacts[]
  /** Names of relations near those that are not there. */
  readonly otherRelations: readonly string[]
}

/** What must be read for these contracts. */
export type FactsRequest = {
  readonly relations: readonly RelationRequest[]
  readonly enums: readonly string[]
  readonly extensions: readonly string[]
  /** Without schemas and arguments: every overload is read. */
  readonly functions: readonly string[]
}

export type RelationRequest = {
  /** As the contract has it. */
  readonly name: string
  /** What is listed twice below is compared by its text: the server writes that under a moment's lock on the table. */
  readonly defaults: readonly string[]
  readonly indexes: readonly string[]
  readonly indexDefinitions: readonly string[]
  readonly constraints: readonly string[]
  readonly constraintDefinitions: readonly string[]
}
