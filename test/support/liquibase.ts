// Liquibase itself: its open-source part, from the package in bench/peers, where there is Java.

import { test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const jars = join(
  import.meta.dirname,
  '../../bench/peers/node_modules/liquibase/dist/liquibase/internal/lib',
)
const needed = [
  ...['liquibase-core', 'commons-io', 'commons-lang3', 'commons-text', 'commons-collections4'],
  ...['picocli', 'snakeyaml', 'opencsv', 'jaxb-api', 'jaxb-core', 'jaxb-runtime', 'postgresql'],
]

export const withLiquibase =
  existsSync(jars) && spawnSync('java', ['-version']).status === 0 ? test : test.skip

type Asked = { readonly root: string; readonly args?: readonly string[] }

/** `update` by default, for execFile() in the folder where its paths begin. */
export const liquibaseCommand = (
  url: string,
  { root, args = ['update'] }: Asked,
): readonly [program: string, args: readonly string[]] => {
  const { username, password, host, pathname } = new URL(url)
  return [
    'java',
    [
      ...['-cp', needed.map((name) => join(jars, `${name}.jar`)).join(':')],
      'liquibase.integration.commandline.LiquibaseCommandLine',
      ...[`--changelog-file=${root}`, `--url=jdbc:postgresql://${host}${pathname}`],
      ...[
        `--username=${decodeURIComponent(username)}`,
        `--password=${decodeURIComponent(password)}`,
      ],
      ...args,
    ],
  ]
}

/** What it printed. */
export const runLiquibase = (folder: string, url: string, asked: Asked): string =>
  execFileSync(...liquibaseCommand(url, asked), { cwd: folder, stdio: 'pipe', encoding: 'utf8' })
