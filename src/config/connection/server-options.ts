// libpq's `options`: the command line of a server process, which the server splits by itself.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS

/** A setting as an option; a blank and a backslash are escaped with a backslash. */
export const optionFor = (name: string, value: string): string =>
  `-c ${name}=${value.replace(/[\s\\]/g, '\\$&')}`

/** What the options set this to, if they do: the last of several. */
export const settingIn = (options: string, name: string): string | undefined =>
  settingsIn(options).findLast(([each]) => each === name)?.[1]

const settingsIn = (options: string): readonly (readonly [name: string, value: string])[] => {
  const words = wordsIn(options)
  return words.flatMap((word, at) => {
    // -c name=value, -cname=value and --name=value; in a name, '-' is '_'.
    const said = word === '-c' ? words[at + 1] : /^(?:-c|--)(?=[^-])(.*)$/s.exec(word)?.[1]
    const [, setting, value] = /^([^=]+)=(.*)$/s.exec(said ?? '') ?? []
    return setting === undefined || value === undefined
      ? []
      : [[setting.replaceAll('-', '_').toLowerCase(), value] as const]
  })
}

// As pg_split_opts() does.
const wordsIn = (options: string): readonly string[] =>
  [...options.matchAll(/(?:\\[\s\S]|[^\s\\])+/g)].map(([word]) => word.replace(/\\([\s\S])/g, '$1'))
