// What a value does wrong by its schema, read from ajv's errors. Knows ajv's types and not its code: the bundle checks with
// functions that were compiled when it was built.

import type { ErrorObject } from 'ajv'

export type SchemaViolation = {
  /** The path to the value: ['tables', 'call_log']. */
  readonly path: readonly string[]
  /** The valid form in words, as the schema says it. */
  readonly form: string
  /** A member that nothing knows, or whose name is not of the form. */
  readonly member?: string
  /** The members that are known there, where one is not. */
  readonly known?: readonly string[]
}

/** Gives everything in a value that violates the schema. */
export type SchemaCheck = (value: unknown) => readonly SchemaViolation[]

/** How schemas must be compiled for their errors to be read here. */
export const schemaOptions = {
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
  // Our annotations: 'form' is the valid form in words, for messages and for --help.
  keywords: ['form', 'secret', 'cure'],
}

type Validate = ((value: unknown) => boolean) & {
  errors?: readonly ErrorObject[] | null | undefined
}

export const checkWith =
  (validate: Validate): SchemaCheck =>
  (value) =>
    validate(value) ? [] : readErrors(validate.errors ?? [])

const readErrors = (errors: readonly ErrorObject[]): readonly SchemaViolation[] => {
  const found = errors
    // It only repeats what the errors below it say; and branches of anyOf have no form, the whole has it.
    .filter(({ keyword }) => keyword !== 'propertyNames')
    .map(readError)
    .filter(({ form }) => form !== '')
  // A value that is wrong in several ways is reported once.
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
