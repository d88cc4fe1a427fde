import { expect, test } from '@jest/globals'
import {
  fenceStates,
  raise,
  raising,
  stateOf,
} from '../../../../src/database/session/fence-states.ts'

const quoted = (sql: string): string => /'(schemagate [^']*)'/.exec(sql)?.[1] ?? ''
const { lockLost, notRecorded } = fenceStates

test.each([
  ['22P02', `invalid input syntax for type integer: "${quoted(raising(lockLost))}"`, lockLost],
  ['22P02', `ungültige Eingabesyntax »${quoted(raising(notRecorded))}«`, notRecorded],
  ['SG001', quoted(raise(lockLost)), lockLost],
])(
  'what our own SQL raises is known by its value, in any language: %s %s',
  (code, words, state) => {
    expect(stateOf(code, words)).toBe(state)
  },
)

test.each([
  ['SG001', 'schemagate fence'],
  ['SG001', quoted(raise(notRecorded))],
  ['22P02', 'invalid input syntax for type integer: "schemagate fence SG001"'],
  ['22P02', 'syntaxe en entrée invalide pour le type integer : « abc »'],
  ['P0001', quoted(raise(lockLost))],
])('what a file raises is not: %s %s', (code, words) => {
  expect(stateOf(code, words)).toBeUndefined()
})
