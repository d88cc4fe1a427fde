// Where sqitch.conf says that sqitch's files and its registry are; an engine of PostgreSQL goes before the core.
// https://sqitch.org/docs/manual/sqitch-config/

export type Settings = {
  readonly plan: string
  readonly deploy: string
  readonly revert: string
  readonly extension: string
  readonly registry: string
  /** Names that deploy scripts may leave open. */
  readonly variables: readonly string[]
}

export const readSettings = (text: string | undefined): Settings => {
  const values = new Map<string, string>()
  let section = ''
  for (const line of (text ?? '').split(/\r?\n/).map((each) => each.trim())) {
    const [, name, sub = ''] = /^\[\s*([\w.-]+)\s*(?:"([^"]*)")?\s*\]/.exec(line) ?? []
    const at = line.indexOf('=')
    if (name !== undefined)
      section = [name, sub]
        .filter((each) => each !== '')
        .join('.')
        .toLowerCase()
    else if (at > 0 && /^[A-Za-z]/.test(line))
      values.set(
        `${section}.${line.slice(0, at).trim().toLowerCase()}`,
        valueOf(line.slice(at + 1)),
      )
  }
  const of = (key: string, standard: string): string =>
    values.get(`engine.pg.${key}`) ?? values.get(`core.${key}`) ?? standard
  const top = tidied(of('top_dir', '.'))
  const within = (name: string): string => (top === '' ? name : `${top}/${name}`)
  return {
    plan: tidied(of('plan_file', within('sqitch.plan'))),
    deploy: tidied(of('deploy_dir', within('deploy'))),
    revert: tidied(of('revert_dir', within('revert'))),
    extension: of('extension', 'sql'),
    registry: of('registry', 'sqitch'),
    variables: [...values.keys()].flatMap((key) => /\.variables\.(.+)$/.exec(key)?.[1] ?? []),
  }
}

const valueOf = (text: string): string => {
  const end = text.search(/[#;]/)
  return (end < 0 ? text : text.slice(0, end)).trim().replace(/^"(.*)"$/, '$1')
}

/** Those of its paths that are not in the folder. */
export const pathsOutside = ({ plan, deploy, revert }: Settings): readonly string[] =>
  [plan, deploy, revert].filter((path) => path.startsWith('/') || path.split('/').includes('..'))

const tidied = (path: string): string => path.replace(/^(?:\.\/)+|^\.$|\/+$/g, '')
