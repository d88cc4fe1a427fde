// The name of the tool's own table, where its settings say another one: by a file of settings in the folder, or by the variable of
// the environment that the tool itself reads, which goes before.

import type { Folder, LedgerName } from './dialect.ts'

type Names = Readonly<Partial<Record<keyof LedgerName, string>>>

/** By the names of the tool's variables, and by those in its files of settings. */
export const ledgerNameIn = (
  { names, text, variables }: Folder,
  {
    environment,
    files = [],
    keys = {},
  }: {
    readonly environment: Names
    readonly files?: readonly string[]
    readonly keys?: Names
  },
): LedgerName => {
  const settings = files
    .flatMap((file) => (names.includes(file) ? [text(file) ?? ''] : []))
    .join('\n')
  const of = (part: keyof LedgerName): string | undefined => {
    const [variable, key] = [environment[part], keys[part]]
    const given = variable === undefined ? undefined : variables[variable]
    return given !== undefined && given !== '' ? given : key && settingIn(settings, key)
  }
  const [table, lockTable] = [of('table'), of('lockTable')]
  const [first, second] = table?.split('.') ?? []
  const schema = of('schema') ?? (second === undefined ? undefined : first)
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(first === undefined ? {} : { table: second ?? first }),
    ...(lockTable === undefined ? {} : { lockTable }),
  }
}

/** 'key = value', with or without quotes. */
const settingIn = (settings: string, key: string): string | undefined =>
  new RegExp(
    String.raw`^\s*${key.replaceAll('.', String.raw`\.`)}\s*[=:]\s*["']?([^"'#\s]+)`,
    'm',
  ).exec(settings)?.[1]
