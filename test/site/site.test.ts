// The documentation site in a real browser, at the width of a telephone and of a desktop. Run by scripts/site --test, which builds it.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

const site = join(import.meta.dirname, '../../build/site')
const pictures = join(import.meta.dirname, '../../build/site-pictures')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

const pages = readdirSync(site, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html') && file !== '404.html')
  .sort()

const widths = [
  ['a telephone', { width: 390, height: 844 }],
  ['a desktop', { width: 1280, height: 800 }],
] as const

let server: Server
let browser: Browser
let address: string

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname)
    const file = path === '/' ? 'index.html' : path.slice(1)
    try {
      const content = readFileSync(join(site, file))
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // As root, as in CI, Chromium has no sandbox of its own; it opens our own pages only.
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
})

afterAll(async () => {
  await browser.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const open = async (
  size: { readonly width: number; readonly height: number },
  path: string,
): Promise<{ readonly page: Page; readonly wrong: readonly string[] }> => {
  const page = await browser.newPage({ viewport: size })
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (said) => {
    if (said.type() === 'error') wrong.push(said.text())
  })
  page.on('response', (answer) => {
    if (answer.status() >= 400) wrong.push(`${answer.status()} ${answer.url()}`)
  })
  await page.goto(`${address}/${path}`, { waitUntil: 'load' })
  return { page, wrong }
}

type Seen = {
  readonly headings: number
  readonly overflow: number
  /** Those that did not load. */
  readonly pictures: readonly string[]
  /** Of links into this page, those that it does not have. */
  readonly anchors: readonly string[]
  /** The files of this site that the page links to. */
  readonly links: readonly string[]
}

// As text: what runs in the browser knows its document, which the rest of the program has not.
const lookAround = `(() => {
  const own = [...document.querySelectorAll('a[href]')].filter(({ origin }) => origin === location.origin)
  return {
    headings: document.querySelectorAll('h1').length,
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    pictures: [...document.querySelectorAll('img')]
      .filter(({ complete, naturalWidth }) => !complete || naturalWidth === 0)
      .map(({ src }) => src),
    anchors: own
      .filter(({ pathname, hash }) => pathname === location.pathname && hash !== '')
      .map(({ hash }) => decodeURIComponent(hash.slice(1)))
      .filter((anchor) => document.getElementById(anchor) === null),
    links: own.map(({ pathname }) => (pathname === '/' ? 'index.html' : pathname.slice(1))),
  }
})()`

test('the site has a page for each page of the docs', () => {
  const docs = readdirSync(join(import.meta.dirname, '../../docs'), {
    recursive: true,
    encoding: 'utf8',
  }).filter((file) => file.endsWith('.md'))
  expect(pages).toEqual(
    expect.arrayContaining([
      'index.html',
      ...docs.map((file) => `docs/${file.replace(/\.md$/, '.html')}`),
    ]),
  )
})

describe.each(widths)('on %s', (name, size) => {
  test.each(pages)(
    '%s fits, has its pictures, and its links lead to places that are there',
    async (path) => {
      const { page, wrong } = await open(size, path)
      try {
        const seen = await page.evaluate<Seen>(lookAround)
        expect(seen).toMatchObject({ headings: 1, overflow: 0, pictures: [], anchors: [] })
        expect(seen.links.filter((link) => !pages.includes(link))).toEqual([])
        expect(wrong).toEqual([])
        if (path === 'index.html' || path === 'docs/operating.html')
          await page.screenshot({
            path: join(pictures, `${path.replaceAll('/', '-')} on ${name}.png`),
          })
      } finally {
        await page.close()
      }
    },
  )

  test('a reader finds a page by the menu, and by searching', async () => {
    const { page } = await open(size, 'index.html')
    try {
      const menu = page.getByRole('button', { name: 'Menu' })
      if (await menu.isVisible()) await menu.click()
      await page.getByRole('link', { name: 'Troubleshooting', exact: true }).click()
      await page.waitForURL('**/troubleshooting.html')
      await page.getByRole('button', { name: 'Search' }).first().click()
      await page
        .getByRole('searchbox')
        .or(page.locator('#localsearch-input'))
        .first()
        .fill('lock-timeout')
      await page.locator('.VPLocalSearchBox .result').first().waitFor()
    } finally {
      await page.close()
    }
  })
})
