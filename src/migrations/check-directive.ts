// Directives by their names against their schemas.

import { compileSchema } from '../json-schema.ts'
import { directiveSchemas } from './directive-schemas.ts'

export const checkDirective = compileSchema({ type: 'object', properties: directiveSchemas })
