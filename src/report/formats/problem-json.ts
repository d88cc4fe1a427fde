// A problem as JSON, the same in every report. Names are in snake case.

import type { Problem } from '../../errors/problem.ts'
import { snakeCase } from '../snake-case.ts'

export const problemJson = ({
  code,
  place,
  title,
  detail,
  database,
  fix,
  facts,
}: Problem): Readonly<Record<string, unknown>> => ({
  code,
  title,
  file: place?.file,
  line: place?.line,
  column: place?.column,
  detail,
  database,
  fix,
  facts: snakeCase(facts),
})
