// A part of the program that is loaded when it is needed: one that is not there, or not whole, is not a bug.

import { fail } from './problem.ts'

/** Throws `part-not-loaded`. `part` is what it does, in words. */
export const loadPart = async <Part>(part: string, loading: Promise<Part>): Promise<Part> => {
  try {
    return await loading
  } catch (error) {
    return fail('part-not-loaded', { part, reason: whyNotLoaded(error) }, error)
  }
}

/** No message of Node's: those hold absolute paths. */
export const whyNotLoaded = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error'
  return 'code' in error ? String(error.code) : error.name
}
