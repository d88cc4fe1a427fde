// The one door to ajv. Schemas check what people write: variables, directives, later contracts.

import { Ajv, type Schema } from 'ajv'

/** Compiles a schema once; the function it yields gives the JSON pointer of every value that violates it. */
export const compileSchema = (schema: Schema): ((value: unknown) => readonly string[]) => {
  // 'form' is our annotation: the valid form in words, for messages and for --help.
  const ajv = new Ajv({ allErrors: true, keywords: ['form', 'secret'] })
  const validate = ajv.compile(schema)
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath)
}
