// What the environment says, or a WrongSettingError with the valid form. compose hands over what is not set as an empty text.

type Environment = Readonly<Record<string, string | undefined>>

/** `message` names the variable and the valid form, never the value: that may be a password. */
export class WrongSettingError extends Error {
  override readonly name = 'WrongSettingError'
}

/** The pooler where there is one: services hold many short connections. */
export const databaseUrl = (env: Environment): string => {
  const variable = ['DATABASE_URL_POOLER', 'DATABASE_URL'].find((each) => (env[each] ?? '') !== '')
  if (variable === undefined) throw new WrongSettingError('set DATABASE_URL_POOLER or DATABASE_URL')
  const url = env[variable] ?? ''
  // The driver takes any scheme, and a text without one for a host to look up. All else about it, assertSchema() tells.
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new WrongSettingError(`${variable} is not a URL like postgresql://user@host/database`)
  return url
}

type Range = { readonly from: number; readonly to: number; readonly unset: number }

export const wholeNumber = (env: Environment, name: string, { from, to, unset }: Range): number => {
  const text = env[name] ?? ''
  if (text === '') return unset
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < from || value > to)
    throw new WrongSettingError(
      `${name} must be a whole number from ${from} to ${to}; when it is not set, it is ${unset}`,
    )
  return value
}
