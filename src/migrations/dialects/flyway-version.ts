// Versions as Flyway compares them: part by part, as numbers.

import { numeric } from './listing.ts'

/** 1, 1.0 and 01 are one version. */
export const canonicalVersion = (version: string): string => {
  const parts = version.split(/[._]/).map(numeric)
  const last = parts.findLastIndex((part) => part !== '0')
  return parts.slice(0, Math.max(last, 0) + 1).join('.')
}
