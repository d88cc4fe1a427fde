// The values of all variables against their schema.

import { compileSchema } from '../../errors/json-schema.ts'
import { variables } from './variables.ts'

export const checkVariables = compileSchema({ type: 'object', properties: variables })
