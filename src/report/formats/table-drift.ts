// One thing that is not as the recorded files make it, as JSON.

import type { TableDrift } from '../../events/drift.ts'

export const tableDriftJson = ({
  difference,
  object,
  objectKind,
  ...rest
}: TableDrift): Readonly<Record<string, unknown>> => ({
  ...{ kind: difference, object, object_kind: objectKind },
  ...rest,
})
