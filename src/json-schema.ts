// The one door to ajv. Schemas check what people write: variables, directives, contracts.

import { Ajv, type ErrorObject, type Schema } from 'ajv'

export type SchemaViolation = {
  /** The way to the value: ['tables', 'call_log']. */
  readonly path: readonly string[]
  /** The valid form in words, as the schema says it. */
  readonly form: string
  /** A member that nothing knows, or whose name is not of the form. */
  readonly member?: string
  /** The members that are known there, where one is not. */
  readonly known?: readonly string[]
}

/** Compiles a schema once; the function it yields gives every value that violates it. */
export const compileSchema = (schema: Schema): ((value: unknown) => readonly SchemaViolation[]) => {
  // 'form' is our annotation: the valid form in words, for messages and for --help.
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    keywords: ['form', 'secret'],
  })
  const validate = ajv.compile(schema)
  return (value) => (validate(value) ? [] : readErrors(validate.errors ?? []))
}

const readErrors = (errors: readonly ErrorObject[]): readonly SchemaViolation[] => {
  const found = errors
    // It only repeats what the errors below it say; and branches of anyOf have no form, the whole has it.
    .filter(({ keyword }) => keyword !== 'propertyNames')
    .map(readError)
    .filter(({ form }) => form !== '')
  // A value that is wrong in several ways is told once.
  const keyOf = ({ path, member }: SchemaViolation): string => JSON.stringify([path, member])
  return [...new Map(found.map((each) => [keyOf(each), each])).values()]
}

const readError = (error: ErrorObject): SchemaViolation => {
  const { instancePath, params, propertyName, parentSchema = {} } = error
  const { form, properties } = parentSchema as {
    readonly form?: string
    readonly properties?: object
  }
  const path = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const { additionalProperty } = params as { readonly additionalProperty?: string }
  const member = additionalProperty ?? propertyName
  return {
    path,
    form: form ?? '',
    ...(member === undefined ? {} : { member }),
    ...(additionalProperty === undefined ? {} : { known: Object.keys(properties ?? {}) }),
  }
}
