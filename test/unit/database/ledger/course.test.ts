import { describe, expect, test } from '@jest/globals'
import {
  noteApplied,
  noteReconciled,
  noteStatements,
  sessionFor,
  startCourse,
  undoneOf,
  whereItIs,
  type Course,
} from '../../../../src/database/ledger/course.ts'
import type { Reply } from '../../../../src/database/session/reply.ts'
import type { Session } from '../../../../src/database/session/session.ts'
import { aMigration } from '../../a-migration.ts'

const [a, b, c] = [aMigration('1_a.sql'), aMigration('2_b.sql'), aMigration('3_c.sql')] as const

const begun = (known: Partial<Course> = {}): Course => ({
  ...startCourse('r'),
  pending: [a, b, c],
  ...known,
})

const done: Reply = { kind: 'done', sets: [], handshakePid: 1 }
const refused: Reply = {
  kind: 'server error',
  error: {
    ...{ sqlstate: '42P01', message: 'm', detail: undefined, hint: undefined },
    ...{
      context: undefined,
      internalQuery: undefined,
      raised: undefined,
      finding: undefined,
      position: undefined,
    },
  },
}
const lost: Reply = { kind: 'lost', role: 'run', reason: 'r', code: 'c' }

/** What the server answers is said by the test. */
const send = async (course: Course, reply: Reply): Promise<void> => {
  const answers = { send: () => Promise.resolve(reply) } as unknown as Session
  await sessionFor([a], answers, course).send('')
}

describe('a migration that was sent', () => {
  test('is in doubt while the server has not answered', async () => {
    const course = begun()
    const never = { send: () => new Promise<Reply>(() => undefined) } as unknown as Session
    void sessionFor([a], never, course).send('')
    expect(undoneOf(course)).toEqual({ inDoubt: [a], partlyDone: [], notAttempted: [b, c] })
    await Promise.resolve()
  })

  test('is in doubt when the connection was lost, and when its success was not written down', async () => {
    for (const reply of [lost, done]) {
      const course = begun()
      await send(course, reply)
      expect(undoneOf(course).inDoubt).toEqual([a])
    }
  })

  test('is in no doubt when the server refused it', async () => {
    const course = begun({ at: a })
    await send(course, refused)
    expect(undoneOf(course)).toEqual({ inDoubt: [], partlyDone: [], notAttempted: [b, c] })
  })

  test('is done when it is written down as applied or reconciled', async () => {
    const course = begun()
    await send(course, done)
    noteApplied(course, a, 1)
    noteReconciled(course, [{ migration: b, recognisedBy: 'table b' }])
    expect(undoneOf(course)).toEqual({ inDoubt: [], partlyDone: [], notAttempted: [c] })
  })
})

test('a migration that runs statement by statement is partly done, and in doubt only where an answer is missing', async () => {
  const course = begun({ at: a })
  noteStatements(course, a, { done: 2, of: 5 })
  await send(course, done)
  const partlyDone = [{ migration: a, done: 2, of: 5 }]
  expect(undoneOf(course)).toEqual({ inDoubt: [], partlyDone, notAttempted: [b, c] })
  await send(course, lost)
  expect(undoneOf(course)).toEqual({ inDoubt: [a], partlyDone, notAttempted: [b, c] })
})

test('where it is follows from what was done', () => {
  const course = begun()
  expect(whereItIs(course)).toBe('before anything was applied')
  course.at = a
  expect(whereItIs(course)).toBe('in migrations/1_a.sql')
  noteApplied(course, a, 1)
  expect(whereItIs(course)).toBe('before migrations/2_b.sql')
  noteApplied(course, b, 1)
  noteApplied(course, c, 1)
  expect(whereItIs(course)).toBe('when everything was applied')
})
