// Files that run whenever they have changed, between the change and their next run: what their recorded text made is not known any
// more, so what the new text makes, too, is neither drift nor as it should be.

import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'
import { placeOfChange } from '../refuse.ts'
import type { Drift, DriftItem } from './item.ts'

/** `history` is that of the recorded files and of the changed ones behind them; `from` is the place of the first of those. Pure. */
export const withoutChanged = (
  drift: Drift,
  { history, from }: { readonly history: History; readonly from: number },
): Drift => {
  const made = new Map(
    history.timelines.flatMap(({ object, property, changes }) => {
      const theirs = changes.filter(({ at }) => at >= from)
      const last = theirs.at(-1)
      if (last === undefined) return []
      // Of some kinds of objects, only what defines them is followed.
      const making = theirs.findLast(({ how }) => how === 'create' || how === 'replace')
      return [
        ...(making === undefined ? [] : [[keyOf(object, 'existence'), making] as const]),
        [keyOf(object, property), last] as const,
      ]
    }),
  )
  const read = drift.items.map((item): DriftItem => {
    const change = made.get(keyOf(item.object, item.property ?? 'existence'))
    if (change === undefined) return item
    const place = placeOfChange(change, history)
    const file = history.migrations[change.at]?.migration.file ?? ''
    const what = 'the text that has run'
    return { ...item, perhaps: { file, place, what, because: 'has changed since' } }
  })
  return {
    ...drift,
    items: read.filter(({ perhaps }) => perhaps === undefined),
    unsure: [...drift.unsure, ...read.filter(({ perhaps }) => perhaps !== undefined)],
  }
}

// The server may write the arguments of a function otherwise than a file.
const keyOf = (object: ObjectName, property: string): string =>
  JSON.stringify([objectKey({ ...object, name: object.name.replace(/\(.*$/s, '') }), property])
