// The only module that knows ajv. Schemas check what people write: variables, directives, contracts.

import { Ajv, type Schema } from 'ajv'
import { checkWith, schemaOptions, type SchemaCheck } from './schema-violation.ts'

/**
 * Compiles a schema once. It takes longer than a whole start may, so scripts/schemas.js does it for the bundle, where nothing
 * of ajv is left: who calls this is in a file check-….ts of its own.
 */
export const compileSchema = (schema: Schema): SchemaCheck =>
  checkWith(new Ajv(schemaOptions).compile(schema))
