// The bodies of functions are read when all objects are there: until then check_function_bodies is off, so that two functions may call
// each other and a function may read a view that calls it.

import type { Bench } from './bench.ts'
import type { Worked } from './work.ts'

/** For the rest of the transaction. */
export const bodiesUnread = 'SET LOCAL check_function_bodies TO off'

/** Throws ObjectsStopped with the file of the body that the server refuses. */
export const validateBodies = async (
  bench: Bench,
  { compared, identities }: Pick<Worked, 'compared' | 'identities'>,
): Promise<void> => {
  for (const file of compared) {
    const identity = identities.get(file)
    if (file.main === undefined || identity === undefined) continue
    if (identity.kind !== 'function' && identity.kind !== 'procedure') continue
    const found = (await bench.definitions(file, [identity])).values().next().value
    if (found === undefined) continue
    const [row] = await bench.ask(file, validatorOf(found.oid))
    const validator = row?.['validator']
    if (typeof validator === 'string')
      await bench.run(
        file,
        `SET LOCAL check_function_bodies TO on; SELECT pg_catalog.${validator}(${found.oid}); ${bodiesUnread}`,
        { statement: file.main, shift: 0 },
      )
  }
}

// PostgreSQL's own; those of other languages may be anybody's.
const validatorOf = (oid: string): string =>
  `SELECT CASE l.lanname WHEN 'sql' THEN 'fmgr_sql_validator' WHEN 'plpgsql' THEN 'plpgsql_validator' END AS validator
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.oid = ${oid} AND NOT EXISTS (SELECT FROM pg_proc v
    WHERE v.oid = l.lanvalidator AND v.pronamespace <> 'pg_catalog'::regnamespace)`
