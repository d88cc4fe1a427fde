// How large a table is, and how that is shown.

export type TableSize = {
  readonly bytes: number
  /** The planner's estimate; undefined when the table was never analysed. */
  readonly rows: number | undefined
}

/** By the name that a statement gives. */
export type TableSizes = ReadonlyMap<string, TableSize>

/** ' (3.2 MB, about 1,200 rows)'; '' where it is not known. */
export const sizeInBrackets = (size: TableSize | undefined): string =>
  size === undefined
    ? ''
    : ` (${sizeInWords(size.bytes)}${size.rows === undefined ? '' : `, about ${size.rows.toLocaleString('en')} rows`})`

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

export const sizeInWords = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1_024 ** power
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`
}
