// What services say they rely on, as far as lint needs it: tables, columns and their types. Read tolerantly; whether a
// contract is well-formed is for others to say.

import { describeObject, type ObjectName } from '../effects/effect.ts'

export type Contract = {
  readonly service: string
  /** By the table's name, with its schema unless that is public; then by the column's. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, RequiredColumn>>>>
}

export type RequiredColumn = { readonly type?: string }

/** Undefined when the text has another shape. `name` stands for the service when it says none. */
export const readContract = (text: string, name: string): Contract | undefined => {
  const value = parseJson(text)
  const tables = isRecord(value) ? value['tables'] : undefined
  if (!isRecord(value) || !isRecord(tables)) return undefined
  const service = value['service']
  return {
    service: typeof service === 'string' ? service : name,
    tables: mapValues(tables, (table) => {
      const columns = isRecord(table) ? table['columns'] : undefined
      return isRecord(columns) ? mapValues(columns, requiredColumn) : {}
    }),
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const requiredColumn = (value: unknown): RequiredColumn => {
  const type = isRecord(value) ? value['type'] : value
  return typeof type === 'string' ? { type } : {}
}

type JsonRecord = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapValues = <Value>(record: JsonRecord, map: (value: unknown) => Value) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))

/** A table or column that a service's contract names: the services, and the type that they expect. */
export const reliedOn = (
  contracts: readonly Contract[],
  object: ObjectName,
): readonly { readonly service: string; readonly type?: string }[] => {
  const isColumn = object.kind === 'column'
  const table = isColumn ? object.table : object.name
  const keys = [`${object.schema}.${table}`, ...(object.schema === 'public' ? [table] : [])]
  return contracts.flatMap(({ service, tables }) => {
    const columns = keys.map((key) => tables[key]).find((found) => found !== undefined)
    if (columns === undefined) return []
    if (!isColumn) return [{ service }]
    const column = columns[object.name]
    return column === undefined ? [] : [{ service, ...column }]
  })
}

/** 'the contracts of api and worker name column call_log.status' */
export const describeReliance = (
  services: readonly { readonly service: string }[],
  object: ObjectName,
): string => {
  const names = services.map(({ service }) => service)
  const said =
    names.length === 1
      ? `the contract of ${names.join()} names`
      : `the contracts of ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} name`
  return `${said} ${describeObject(object)}`
}
