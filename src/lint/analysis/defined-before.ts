// Is what a statement creates there already, for sure? What lint calls an error must fail on every server, and what a guard
// surely skips does no harm.

import { objectKey, type CreateEffect } from '../../schema/effects/effect.ts'
import type { Subject } from '../subject/subject.ts'
import { lastBefore, type HistoryStep } from '../subject/whole-history.ts'

/**
 * The statement that has created it before, where what it created is surely still there. Undefined where anything in between
 * may have removed it unseen.
 */
export const definedBefore = (subject: Subject, effect: CreateEffect): HistoryStep | undefined => {
  const { model, wholeHistory, at, earlier } = subject
  const tracked = model.find(effect.object)
  if (tracked?.isPresent !== true) return undefined
  // What a table that already exists keeps from being created, the table's own finding tells.
  if (effect.inside !== undefined && model.find(effect.inside)?.isPresent === true) return undefined
  const here = { at, statement: earlier.count() }
  const first = lastBefore(wholeHistory.creations(effect.object), here)
  if (first === undefined || isRenameThatMayFindNothing(subject, effect, first)) return undefined
  return wholeHistory.mayHaveChanged(effect.object.name, first, here) ||
    wholeHistory.mayHaveGone(first, here)
    ? undefined
    : first
}

const isRenameThatMayFindNothing = (
  { wholeHistory }: Subject,
  { object }: CreateEffect,
  { at, statement }: HistoryStep,
): boolean =>
  (wholeHistory.history.migrations[at]?.statements?.[statement]?.effects ?? []).some(
    (effect) =>
      effect.kind === 'rename' &&
      effect.guard === 'if exists' &&
      objectKey(effect.to) === objectKey(object),
  )

/** IF NOT EXISTS of what is there: the statement does nothing. */
export const isSkipped = (subject: Subject, effect: CreateEffect): boolean =>
  effect.guard === 'if not exists' && definedBefore(subject, effect) !== undefined
