// Untrusted text or value in, a contract or every problem of it out, with its place and the valid form.

import { problem, type Place, type Problem } from '../../errors/problem.ts'
import { nearest } from '../../errors/nearest.ts'
import type { SchemaViolation } from '../../errors/schema-violation.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { checkContract } from './check-contract.ts'
import type { Contract, ContractPath, LoadedContract } from '../contract.ts'
import { readJsonPlaces, type JsonPlaces } from './json-places.ts'

export type ReadContract =
  | { readonly kind: 'contract'; readonly loaded: LoadedContract }
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] }

/** `file` is its name as messages show it. */
export const readContract = (file: string, bytes: Uint8Array): ReadContract => {
  const text = textOf(bytes)
  if (text === undefined) return bad(file, 'is not UTF-8')
  if (text.trim() === '') return bad(file, 'is empty')
  const parsed = parseJson(text)
  const { value } = parsed
  const violations = value === undefined ? [] : checkContract(value)
  if (value !== undefined && violations.length === 0 && !mayRepeat(text, value)) {
    // Read once, and only when something is to be shown.
    let places: JsonPlaces | undefined
    const placeOf = (path: ContractPath): Place =>
      (places ??= placesOf(file, text))?.placeOf(path) ?? top(file)
    // The schema has been satisfied, and the type says what the schema says.
    return { kind: 'contract', loaded: { contract: value as Contract, file, placeOf } }
  }
  const read = readJsonPlaces(file, text)
  if (read.kind === 'no json') return bad(file, `is not JSON: ${read.reason}`, read.place)
  // JSON.parse is the stricter of the two: a control character in a string is not JSON.
  if (value === undefined)
    return bad(file, 'is not JSON: it has a control character', placeAt(file, text, parsed.at))
  const { places } = read
  return {
    kind: 'bad',
    problems: [
      ...violations.map((each) => malformed(file, value, each, places)),
      ...places.duplicates.map(({ path, place, firstLine }) =>
        problem(
          'repeated-contract-member',
          { file, pointer: shownPointer(path), firstLine },
          place,
        ),
      ),
    ],
  }
}

/** A contract that a program hands over: there are no places in it. */
export const acceptContract = (name: string, value: unknown): ReadContract => {
  const problems = checkContract(value).map((each) => malformed(name, value, each, undefined))
  if (problems.length > 0) return { kind: 'bad', problems }
  const loaded = { contract: value as Contract, file: undefined, placeOf: () => undefined }
  return { kind: 'contract', loaded }
}

/** https://www.rfc-editor.org/rfc/rfc6901 */
export const pointerOf = (path: ContractPath): string =>
  path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const bad = (file: string, reason: string, place?: Place): ReadContract => ({
  kind: 'bad',
  problems: [problem('contract-not-json', { file, reason }, place)],
})

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Where it is not JSON, about where. */
const parseJson = (text: string): { readonly value: unknown; readonly at: number } => {
  try {
    return { value: JSON.parse(text), at: 0 }
  } catch (error) {
    const [, position = '0'] = /position (\d+)/.exec(String(error)) ?? []
    return { value: undefined, at: Number(position) }
  }
}

// JSON.parse keeps the last of two members of one name and says nothing: a column would be lost unseen. Every string of
// the text is either a value or, with a colon behind it, a name.
const mayRepeat = (text: string, value: unknown): boolean => {
  let names = 0
  try {
    for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g))
      if (colon !== undefined) names++
  } catch {
    // A string of megabytes is more than the expression takes: then the slower reader tells.
    return true
  }
  return names !== countMembers(value)
}

const countMembers = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce<number>(
        (sum, each) => sum + countMembers(each),
        Array.isArray(value) ? 0 : Object.keys(value).length,
      )

const placesOf = (file: string, text: string): JsonPlaces | undefined => {
  const read = readJsonPlaces(file, text)
  return read.kind === 'json' ? read.places : undefined
}

const top = (file: string): Place => placeAt(file, '', 0)

const malformed = (
  file: string,
  value: unknown,
  { path, form, member, known = [] }: SchemaViolation,
  places: JsonPlaces | undefined,
): Problem => {
  const whole = member === undefined ? path : [...path, member]
  const facts = {
    file,
    pointer: shownPointer(whole),
    found: shownValue(member ?? valueAt(value, path)),
    isUnknown: known.length > 0,
    nearest: member === undefined ? undefined : nearest(member, known, 3),
    form: known.length > 0 ? `one of ${known.map((each) => `"${each}"`).join(', ')}` : form,
  }
  return problem('malformed-contract', facts, places?.placeOf(whole))
}

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (found, step) =>
      typeof found === 'object' && found !== null
        ? (found as Readonly<Record<string, unknown>>)[step]
        : undefined,
    value,
  )

/** A name may hold what would forge a line of the log. */
const shownPointer = (path: ContractPath): string => pointerOf(path).replace(/\p{Cc}/gu, '?')

const longest = 60

const shownValue = (value: unknown): string => {
  const characters = Array.from(textOfValue(value))
  return characters.length > longest
    ? `${characters.slice(0, longest).join('')}…`
    : characters.join('')
}

// What a program hands over may be what no JSON can say.
const textOfValue = (value: unknown): string => {
  try {
    // Its type does not say that functions have no text.
    const text: unknown = JSON.stringify(value ?? null)
    if (typeof text === 'string') return text
  } catch {
    // Told by its type.
  }
  return `a ${typeof value}`
}
