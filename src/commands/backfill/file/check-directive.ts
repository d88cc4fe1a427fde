// Directives of a backfill by their names against their schemas.

import { compileSchema } from '../../../errors/json-schema.ts'
import { backfillSchemas } from './directive-schemas.ts'

export const checkDirective = compileSchema({ type: 'object', properties: backfillSchemas })
