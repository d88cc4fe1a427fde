// Directives by their names against their schemas.

import { compileSchema } from '../../errors/json-schema.ts'
import { directiveSchemas } from './directive-schemas.ts'

export const checkDirective = compileSchema({ type: 'object', properties: directiveSchemas })
