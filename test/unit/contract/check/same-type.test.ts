import { describe, expect, test } from '@jest/globals'
import { isSameType } from '../../../../src/contract/check/same-type.ts'

const same = (text: string, found: string, ...searchPath: readonly string[]): boolean =>
  isSameType(text, found, { searchPath })

describe('the same type', () => {
  test.each([
    ['bigint', 'bigint', []],
    ['int8', 'bigint', []],
    ['varchar(64)', 'character varying(64)', []],
    ['timestamptz(3)', 'timestamp(3) with time zone', []],
    ['text []', 'text[]', ['public']],
    ['public.call_status', 'public.call_status', []],
    ['public.call_status', 'public.call_status', ['app']],
    ['call_status', 'public.call_status', ['public']],
    ['CALL_STATUS', 'public.call_status', ['public']],
    ['call_status[]', 'public.call_status[]', ['public']],
    ['call_status', 'app.call_status', ['app', 'public']],
    ['call_status', 'public.call_status', ['app', 'public']],
    ['"Mood"', 'public."Mood"', ['public']],
    ['mood', '"My App".mood', ['My App']],
    ['"My App".mood', '"My App".mood', []],
    ['vector(3)', 'public.vector(3)', ['public']],
  ])('%s of a contract is %s, where names are looked for in %j', (text, found, path) => {
    expect(same(text, found, ...path)).toBe(true)
  })
})

describe('another type, or one that the server must compare', () => {
  test.each([
    ['bigint', 'integer', ['public']],
    ['varchar(64)', 'character varying(32)', ['public']],
    ['varchar(64)', 'character varying', ['public']],
    ['varchar', 'text', ['public']],
    ['text', 'text[]', ['public']],
    ['text[]', 'text', ['public']],
    ['numeric(10,2)', 'numeric(10,0)', ['public']],
    ['timestamp', 'timestamp with time zone', ['public']],
    ['call_status', 'public.call_status', []],
    ['call_status', 'audit.call_status', ['public']],
    ['app.call_status', 'public.call_status', ['app', 'public']],
    ['public.call_status', 'app.call_status', ['app', 'public']],
    ['"Mood"', 'public.mood', ['public']],
    ['mood', 'public."Mood"', ['public']],
    ['mood', 'public.mood[]', ['public']],
    ['', 'integer', ['public']],
  ])('%s of a contract is not %s, where names are looked for in %j', (text, found, path) => {
    expect(same(text, found, ...path)).toBe(false)
  })
})
