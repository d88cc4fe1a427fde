import { expect, test } from '@jest/globals'
import { optionFor, settingIn } from '../../../../src/config/connection/server-options.ts'

test.each([
  ['-c search_path=app', 'app'],
  ['-csearch_path=app,public', 'app,public'],
  ['--search_path=app', 'app'],
  ['--search-path=app', 'app'],
  ['-c SEARCH_PATH=app', 'app'],
  [String.raw`-c search_path="My\ App",\\x`, String.raw`"My App",\x`],
  ['  -c  search_path=a   -c search_path=b ', 'b'],
  ['-c a=1', undefined],
  ['-e -c', undefined],
  ['search_path=app', undefined],
  ['', undefined],
])('%s', (options, path) => {
  expect(settingIn(options, 'search_path')).toBe(path)
})

test.each(['app, "My App"', String.raw`a\b`, 'a=b', ''])('what is written is read: %s', (value) => {
  expect(settingIn(optionFor('search_path', value), 'search_path')).toBe(value)
})
