import { expect, test } from '@jest/globals'
import { fenceStates, stateOf } from '../../../src/database/sqlstate.ts'

test.each([
  ['invalid input syntax for type integer: "schemagate fence SG001"', fenceStates.lockLost],
  ['ungültige Eingabesyntax für Typ integer: »schemagate fence SG004«', fenceStates.notRecorded],
  ['syntaxe en entrée invalide pour le type integer : « abc »', '22P02'],
])(
  'what the fence raises in a query is told by its value, in any language: %s',
  (message, state) => {
    expect(stateOf('22P02', message)).toBe(state)
  },
)

test('only an error that the fence can raise is taken for it', () => {
  expect(stateOf('P0001', 'schemagate fence SG001')).toBe('P0001')
})
