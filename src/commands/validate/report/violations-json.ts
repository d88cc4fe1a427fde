// Violations as JSON, for every report that has some. Names are in snake case, like those of the other reports.

import { pointerOf } from '../../../contract/file/read.ts'
import { describeContractObject } from '../../../contract/violation.ts'
import type { ExplainedViolation } from '../explain.ts'

/** As the one line of a log that says why a command has failed. */
export const violationFailure = ({ migration, place, fix }: ExplainedViolation) => ({
  code: 'contract-violated',
  facts: { file: migration?.file ?? place?.file },
  fix,
})

export const violationJson = ({
  service,
  object,
  aspect,
  expected,
  found,
  path,
  place,
  migration,
  why,
  fix,
}: ExplainedViolation): Readonly<Record<string, unknown>> => ({
  service,
  object: describeContractObject(object),
  kind: object.kind,
  table: object.of,
  name: object.name,
  aspect,
  expected,
  found,
  pointer: pointerOf(path),
  file: place?.file,
  line: place?.line,
  column: place?.column,
  migration: migration?.file,
  migration_recorded: migration?.recorded.replace(' ', '_'),
  migration_recorded_at: migration?.recordedAt,
  why,
  fix,
})
