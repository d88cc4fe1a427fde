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
  for (const line of (text ?? '').split(/\r?\n/)) {
    const [, name, sub = ''] = /^\s*\[\s*([\w.-]+)\s*(?:"([^"]*)")?\s*\]/.exec(line) ?? []
    const [, key, value] = /^\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*(?:[#;].*)?$/.exec(line) ?? []
    if (name !== undefined)
      section = [name, sub]
        .filter((each) => each !== '')
        .join('.')
        .toLowerCase()
    else if (key !== undefined && value !== undefined)
      values.set(`${section}.${key.toLowerCase()}`, value.replace(/^"(.*)"$/, '$1'))
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

const tidied = (path: string): string => path.replace(/^(?:\.\/)+|^\.$|\/+$/g, '')
