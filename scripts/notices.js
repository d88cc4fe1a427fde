// The notices that the licenses of others' code ask for, of what is really inside the bundles: esbuild says which files of which
// packages went in. A package whose license nobody can read stops the build.

import { readFile, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** @typedef {{ readonly name: string, readonly version: string, readonly license?: string }} Manifest */
/** @typedef {{ readonly name: string, readonly license: string, readonly text: string }} Notice */

// Where we keep the texts that packages do not bring along, and those of what libpg-query.wasm is compiled from.
const kept = 'licenses'

/**
 * The folders of the packages that have code in a bundle; what esbuild has shaken off is not in it.
 * @param {readonly import('esbuild').Metafile[]} metafiles
 */
export const bundledPackages = (metafiles) => {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [path] : [],
      ),
    ),
  )
  const folders = inputs.flatMap((path) => {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []
    return folder === undefined ? [] : [folder]
  })
  return [...new Set(folders)].sort()
}

/**
 * @param {readonly string[]} packages Folders of packages.
 * @returns {Promise<string>}
 */
export const thirdPartyNotices = async (packages) => {
  const notices = await Promise.all(packages.map(noticeOf))
  const parser = packages.some((folder) => folder.endsWith('node_modules/libpg-query'))
    ? await parserNotices()
    : []
  const sorted = notices.sort((a, b) => (a.name < b.name ? -1 : 1))
  // One version of a package may lie in several folders.
  return [opening, ...new Set([...sorted, ...parser].map(rendered)), rendered(mit)].join('\n')
}

// Most packages bring the same words along, under a notice of their own: the words stand once, at the end.
const mitWords = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/** @type {Notice} */
const mit = { name: 'The MIT permission notice', license: 'MIT', text: mitWords }

const mitPattern = new RegExp(
  mitWords
    .split(/\s+/)
    .map((word) => word.replaceAll(/[^\w]/g, '\\$&'))
    .join('\\s+'),
)

/** @param {string} text */
const withoutMitWords = (text) =>
  text.replace(
    mitPattern,
    'The MIT permission notice, at the end of this file, is part of this one.',
  )

const opening = `schemagate is under the MIT license (LICENSE). It holds code of others, under the licenses below.

In the image there is also Node.js (/usr/share/doc/nodejs/LICENSE names what is inside it), and libraries of Debian
(/usr/share/doc/<package>/copyright; licenses that these only name are in /usr/share/common-licenses).
`

/**
 * @param {string} folder
 * @returns {Promise<Notice>}
 */
const noticeOf = async (folder) => {
  /** @type {{ name: string, version: string, license?: string }} */
  /** @type {unknown} */
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const { name, version, license } = /** @type {Manifest} */ (manifest)
  const names = (await readdir(folder)).filter((each) => /^(licen[cs]e|copying|notice)/i.test(each))
  const files = names.sort().map((each) => join(folder, each))
  const texts = await Promise.all(files.length > 0 ? files.map(read) : [keptText(folder, name)])
  return {
    name: `${name} ${version}`,
    license: license ?? 'see below',
    text: withoutMitWords(texts.join('\n\n')),
  }
}

/** @param {string} path */
const read = async (path) => (await readFile(path, 'utf8')).replaceAll('\r', '').trim()

/**
 * @param {string} folder
 * @param {string} name
 */
const keptText = async (folder, name) => {
  const path = join(kept, 'packages', `${name}.txt`)
  try {
    return await read(path)
  } catch {
    throw new Error(
      `${folder} is in the bundle and brings no license text along: put the one of its repository into ${path}`,
    )
  }
}

/** Of what PostgreSQL's parser is compiled from, as WebAssembly. */
const parserNotices = async () => {
  const folder = join(kept, 'parser')
  return await Promise.all(
    (await readdir(folder)).sort().map(async (file) => ({
      name: `${basename(file, '.txt')} (in libpg-query.wasm)`,
      license: 'see below',
      text: await read(join(folder, file)),
    })),
  )
}

/** @param {Notice} notice */
const rendered = ({ name, license, text }) =>
  `${'='.repeat(80)}\n${name}\nLicense: ${license}\n\n${text}\n`
