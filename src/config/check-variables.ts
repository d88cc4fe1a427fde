// The values of all variables against their schema.

import { compileSchema } from '../json-schema.ts'
import { variables } from './variables.ts'

export const checkVariables = compileSchema({ type: 'object', properties: variables })
