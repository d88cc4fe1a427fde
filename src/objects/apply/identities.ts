// Which objects the files mean: names without a schema are looked for as the server will, and types of arguments are what it calls them.

import { literal } from '../../database/literal.ts'
import type { Row } from '../../database/session/reply.ts'
import { quoteName } from '../../errors/define.ts'
import { isRoutine, type Identity, type ObjectFile } from '../object-file.ts'
import type { Bench } from './bench.ts'

// Where it is, and else where it will be.
const schemaOf = ({ defines: { kind, schema, relation, name } }: ObjectFile): string => {
  if (schema !== undefined) return literal(schema)
  const found = relation === '' ? name : relation
  return kind === 'table' || relation !== ''
    ? `(SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
      WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(${literal(quoteName(found))}))`
    : 'pg_catalog.current_schema()::pg_catalog.text'
}

/** By the file; those whose schema, table or argument types are not there yet are left out. */
export const identify = async (
  bench: Bench,
  files: readonly ObjectFile[],
): Promise<ReadonlyMap<ObjectFile, Identity>> => {
  const [about] = files
  if (about === undefined) return new Map()
  const rows = await bench.askAsFile(
    about,
    files
      .map((file, at) => {
        const types = file.defines.argumentTypes.map(
          (type) => `pg_catalog.to_regtype(${literal(type)})::pg_catalog.oid`,
        )
        const role =
          file.defines.role === undefined ? "''" : `${file.defines.role}::pg_catalog.text`
        return `SELECT ${at} AS at, ${schemaOf(file)} AS schema, ${role} AS role, ARRAY[${types.join(', ')}]::pg_catalog.oid[]::pg_catalog.text AS types`
      })
      .join('\nUNION ALL '),
  )
  const named = await bench.ask(
    about,
    `SELECT at, schema, role, array_position(types, NULL) IS NULL AS complete,
      (SELECT coalesce(json_agg(format_type(t, NULL) ORDER BY o), '[]')::text FROM unnest(types) WITH ORDINALITY x(t, o)) AS types
      FROM (VALUES ${rows.map(asValue).join(', ')}) v(at, schema, role, types)`,
  )
  return new Map(
    named.flatMap((row): readonly (readonly [ObjectFile, Identity])[] => {
      const file = files[Number(row['at'])]
      const schema = row['schema']
      if (file === undefined || typeof schema !== 'string' || row['complete'] !== true) return []
      const { kind, relation } = file.defines
      return [[file, { kind, schema, relation, name: nameOf(file, row) }]]
    }),
  )
}

const nameOf = ({ defines: { kind, name } }: ObjectFile, row: Row): string => {
  const types = JSON.parse(String(row['types'])) as readonly string[]
  if (kind === 'cast') return types.join(' AS ')
  if (kind === 'operator' || isRoutine({ kind })) return `${name}(${types.join(', ')})`
  return `${name}${String(row['role'])}`
}

const asValue = (row: Row): string => {
  const schema = row['schema']
  return `(${Number(row['at'])}, ${typeof schema === 'string' ? literal(schema) : 'NULL'}::text, ${literal(String(row['role']))}::text, ${literal(String(row['types']))}::oid[])`
}
