// A contract against the published schema.

import contractSchema from '../../../schema/contract.schema.json' with { type: 'json' }
import { compileSchema } from '../../errors/json-schema.ts'

export const checkContract = compileSchema(contractSchema)
