// Templates of Go in SQL: only the tool knows what fills them in.

import { placeAt } from '../../../sql/text/offsets.ts'
import type { ForeignFile, Up } from '../dialect.ts'

export const withoutTemplate = (tool: string, { file, text }: ForeignFile, up: Up): Up => {
  const at = up.text.indexOf('{{')
  if (at === -1) return up
  const reason = `has '{{', which begins a template that only ${tool} fills in`
  return { ...up, misfits: [...up.misfits, { reason, place: placeAt(file, text, at) }] }
}
