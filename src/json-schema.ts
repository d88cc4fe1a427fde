// The one door to ajv. Schemas check what people write: variables, directives, later contracts.

import { Ajv, type ErrorObject, type Schema } from 'ajv'

export type Violation = {
  /** JSON pointer of the value, '' for the whole. */
  readonly pointer: string
  readonly message: string
  readonly keyword: string
}

/** Compiles a schema once; the function it yields reports every violation, none for a valid value. */
export const compileSchema = (schema: Schema): ((value: unknown) => readonly Violation[]) => {
  // 'form' is our annotation: the valid form in words, for messages and for --help.
  const ajv = new Ajv({ allErrors: true, keywords: ['form', 'secret'] })
  const validate = ajv.compile(schema)
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(violation))
}

const violation = ({ instancePath, message, keyword, params }: ErrorObject): Violation => ({
  pointer:
    keyword === 'additionalProperties'
      ? `${instancePath}/${String(params['additionalProperty'])}`
      : instancePath,
  message: message ?? keyword,
  keyword,
})
