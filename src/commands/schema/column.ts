// A column as diagrams show it. Pure.

import type { DiagramTable } from '../../catalog/dump/diagram-facts.ts'

type Column = DiagramTable['columns'][number]

export const keysOf = ({ isPrimary, isForeign, isUnique }: Column): readonly string[] => [
  ...(isPrimary ? ['PK'] : []),
  ...(isForeign ? ['FK'] : []),
  ...(isUnique && !isPrimary ? ['UK'] : []),
]

const shortTypes: Readonly<Record<string, string>> = {
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
  'character varying': 'varchar',
  'double precision': 'float8',
}

/** As people write it. */
export const shortType = (type: string): string =>
  Object.entries(shortTypes).reduce((short, [long, word]) => short.replace(long, word), type)
