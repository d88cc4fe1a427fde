// What packages bring along and the gate does not use, left out of every start: streams, which Node.js has itself, and the
// transports and formats of winston that src/report/log/log.ts does not name; colours, until they are asked for. And out of the
// bundle: all of lodash, of which junit-report-builder uses two functions; what makes it a folder, and fs-extra, with which
// node-sarif-builder would write, as neither writes a file here, and the languages that it knows; and what table checks a
// configuration with, which is always ours.

/** @type {Readonly<Record<string, string>>} */
const replaced = {
  winston: `exports.createLogger = require('winston/lib/winston/create-logger')
exports.transports = { Console: require('winston/lib/winston/transports/console') }
exports.config = { npm: require('winston/lib/winston/config').npm }
exports.format = {
  printf: require('logform/printf'),
  combine: require('logform/combine'),
  colorize: (options) => require('logform/colorize')(options),
}`,
  // It would also load what colours, which few starts need, and tell it the colours.
  logform: `exports.levels = (levels) => levels`,
  // Its other form has the code of its dependencies copied into it, where nobody sees whose it is.
  'junit-report-builder': `export { default } from 'junit-report-builder/dist/index.es.js'`,
  lodash: `exports.forEach = (all, each) => { all.forEach(each) }
exports.isDate = (value) => value instanceof Date`,
  'make-dir': `exports.sync = () => { throw new Error('no folder is made here') }`,
  './generated/validators': `const valid = () => true
module.exports = { 'config.json': valid, 'streamConfig.json': valid }`,
  // node-sarif-builder would write its file with it; nobody asks it to.
  'fs-extra': `module.exports = require('node:fs')`,
  // Of the extensions that a file of ours may have.
  './languages': `exports.EXTENSIONS_LANGUAGES = { sql: 'SQL', json: 'JSON', yml: 'YAML', yaml: 'YAML' }`,
  // Writers of XML that junit-report-builder does not use, and the replication of postgres.js.
  './XMLDocumentCB': '',
  './XMLStreamWriter': '',
  './subscribe.js': `export default () => ({})`,
  'readable-stream': `module.exports = require('node:stream')`,
  'readable-stream/lib/_stream_writable.js': `module.exports = require('node:stream').Writable`,
}

/** @type {import('esbuild').Plugin} */
export const leanPackages = {
  name: 'lean packages',
  setup: (bundler) => {
    bundler.onResolve(
      {
        filter:
          /^(winston|logform|junit-report-builder|lodash|fs-extra|make-dir|\.\/generated\/validators|readable-stream\b.*)$/,
      },
      ({ path }) =>
        path in replaced
          ? { path, namespace: 'lean' }
          : { errors: [{ text: `scripts/lean.js says nothing of ${path}` }] },
    )
    bundler.onResolve(
      { filter: /^\.\/(languages|XMLDocumentCB|XMLStreamWriter|subscribe\.js)$/ },
      ({ path, importer }) =>
        /node_modules\/(node-sarif-builder|xmlbuilder|postgres)\//.test(importer)
          ? { path, namespace: 'lean' }
          : undefined,
    )
    bundler.onLoad({ filter: /./, namespace: 'lean' }, ({ path }) => ({
      contents: replaced[path] ?? '',
      resolveDir: '.',
    }))
  },
}
