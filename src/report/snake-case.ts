// JSON that leaves the process names things like the ledger's columns.

export const snakeCase = (fields: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      inside(value),
    ]),
  )

const inside = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inside)
  return isRecord(value) ? snakeCase(value) : value
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null
