// What the server lets only some roles make, whatever is granted to others: its own words say neither which role may, nor what then.

import type { Node } from 'libpg-query'

/** Undefined for a statement of which a privilege can be granted. */
export const whoMayMake = (node: Node): string | undefined => {
  const what = onlyForSuperusers(node)
  if (what !== undefined)
    return `PostgreSQL lets only a superuser make ${what}. Run schemagate once with a DATABASE_URL of a superuser and without MIGRATION_ROLE: later runs do not touch it until its file changes, or somebody changes it. Or leave it to whoever administers the server, and remove the file.`
  if ('CreateCastStmt' in node)
    return 'PostgreSQL lets only the owner of one of its two types make a cast, and only a superuser one WITHOUT FUNCTION or WITH INOUT: set MIGRATION_ROLE to the owner of a type, or write WITH FUNCTION.'
  if ('AlterDefaultPrivilegesStmt' in node)
    return 'PostgreSQL lets only members of a role change its default privileges: GRANT that role to the role that runs the files, or set MIGRATION_ROLE to it.'
  return undefined
}

const definedBySuperusers: Readonly<Record<string, string>> = {
  OBJECT_TSPARSER: 'a text search parser',
  OBJECT_TSTEMPLATE: 'a text search template',
}

const onlyForSuperusers = (node: Node): string | undefined => {
  if ('CreateEventTrigStmt' in node || 'AlterEventTrigStmt' in node) return 'an event trigger'
  if ('CreateFunctionStmt' in node && isOfC(node.CreateFunctionStmt.options))
    return 'a function in C'
  return 'DefineStmt' in node ? definedBySuperusers[node.DefineStmt.kind ?? ''] : undefined
}

const isOfC = (options: readonly Node[] = []): boolean =>
  options.some(
    (each) =>
      'DefElem' in each &&
      each.DefElem.defname === 'language' &&
      each.DefElem.arg !== undefined &&
      'String' in each.DefElem.arg &&
      /^(?:c|internal)$/i.test(each.DefElem.arg.String.sval ?? ''),
  )
