// The documentation as a site: the Markdown of this repository as it is, in the order of what a reader wants to do.

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { defineConfig } from 'vitepress'
import type { MarkdownRenderer } from 'vitepress'

const root = join(import.meta.dirname, '../..')

const page = (text: string, path: string) => ({ text, link: `/${path}` })

/**
 * Pages are written for the repository: a link to a page leads there on the site too; of one to any other file only the words stay,
 * for the site does not have it. A link that leads nowhere ends the build.
 */
const linksOfTheRepository = (markdown: MarkdownRenderer): void => {
  markdown.core.ruler.push('links of the repository', ({ tokens, env }) => {
    const { path } = env as { path?: string }
    if (path === undefined) return
    for (const { children } of tokens)
      for (const token of children ?? []) {
        if (token.type !== 'link_open') continue
        const href = token.attrGet('href') ?? ''
        const [target = '', anchor] = href.split('#')
        if (target === '' || /^[a-z]+:/.test(target)) continue
        const file = normalize(join(dirname(path), target)).slice(root.length + 1)
        if (!existsSync(join(root, file))) throw new Error(`${path}: ${href} leads nowhere`)
        if (isPage(file))
          token.attrSet('href', addressOf(file) + (anchor === undefined ? '' : `#${anchor}`))
        else token.attrs = [['title', `${file} in the repository`]]
      }
  })
}

// What stands in code is text: `{{ … }}` of Helm and of GitHub is nothing that Vue is to evaluate.
const codeAsItIs = ({ renderer, utils }: MarkdownRenderer): void => {
  renderer.rules.code_inline = (tokens, index) =>
    `<code v-pre>${utils.escapeHtml(tokens[index]?.content ?? '')}</code>`
}

const isPage = (file: string): boolean =>
  /^docs\/.*\.md$|^(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^(kubernetes|examples)\/([\w-]+\/)?README\.md$/.test(
    file,
  )

const addressOf = (file: string): string =>
  file === 'README.md' ? '/' : `/${file.replace(/\.md$/, '.html')}`

export default defineConfig({
  title: 'schemagate',
  description:
    'A gate in front of your services: they start only on a PostgreSQL schema that they can trust.',
  // None: browsers ask for one otherwise.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: root,
  outDir: join(root, 'build/site'),
  cacheDir: join(root, 'build/site-cache'),
  srcExclude: [
    '**/node_modules/**',
    '{build,dist,coverage,test,bench,src,site,migrations,licenses,compose,schema,scripts,ci}/**',
    '.*/**',
  ],
  rewrites: { 'README.md': 'index.md' },
  cleanUrls: false,
  lastUpdated: false,
  markdown: {
    config: (markdown) => {
      linksOfTheRepository(markdown)
      codeAsItIs(markdown)
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      page('Quick start', ''),
      page('Operating', 'docs/operating.html'),
      page('Reference', 'docs/configuration.html'),
      page('Design', 'docs/design/README.html'),
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          page('Quick start', ''),
          page('Examples', 'examples/README.html'),
          page('Changelog', 'CHANGELOG.html'),
        ],
      },
      {
        text: 'Write migrations',
        items: [
          page('Migration files', 'docs/migrations.html'),
          page('Adopting a database that exists', 'docs/adopting.html'),
          page('Lint rules', 'docs/lint.html'),
          page('Backfills', 'docs/backfills.html'),
          page('Contracts', 'docs/contracts.html'),
          {
            ...page('Coming from another tool', 'docs/coming-from.html'),
            collapsed: true,
            items: readdirSync(join(root, 'docs/coming-from')).map((name) =>
              page(name.replace(/\.md$/, ''), `docs/coming-from/${name.replace(/\.md$/, '.html')}`),
            ),
          },
        ],
      },
      {
        text: 'Deploy',
        items: [
          page('Compose and images', 'docs/deployment.html'),
          page('Kubernetes', 'docs/kubernetes.html'),
          page('The manifests, step by step', 'kubernetes/README.html'),
          page('CI', 'docs/ci.html'),
          page('The schema in a pull request', 'docs/schema.html'),
          page('An old history as one file', 'docs/squash.html'),
        ],
      },
      {
        text: 'Operate',
        items: [
          page('Operating the gate', 'docs/operating.html'),
          page('Somebody changed the database', 'docs/drift.html'),
          page('Troubleshooting', 'docs/troubleshooting.html'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('Configuration', 'docs/configuration.html'),
          page('Security', 'docs/security.html'),
          page('Reliability', 'docs/reliability.html'),
          page('Performance', 'docs/performance.html'),
        ],
      },
      {
        text: 'The project',
        items: [
          page('Design', 'docs/design/README.html'),
          page('A walk through the code', 'docs/design/walk.html'),
          page('Development', 'docs/development.html'),
          page('Contributing', 'CONTRIBUTING.html'),
        ],
      },
    ],
  },
})
