// Draws a chart: its description as JSON on stdin, SVG on stdout. https://echarts.apache.org/handbook/en/how-to/cross-platform/server

import { text } from 'node:stream/consumers'
import { init } from 'echarts'

const { width, height, ...option } = JSON.parse(await text(process.stdin))
const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
chart.setOption(option)
process.stdout.write(`${chart.renderToSVGString()}\n`)
chart.dispose()
