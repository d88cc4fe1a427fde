// What a person at a terminal sees: one more listener of the events of a command. The only module that knows log-update.

import { createLogUpdate } from 'log-update'
import packageJson from '../../../package.json' with { type: 'json' }
import { narrate } from '../log/narrate.ts'
import type { LogLine, Teller } from '../log/log.ts'
import type { Redact } from '../redact.ts'
import { oneLine, visible } from '../visible.ts'
import { afterEvent, isNoted, startOfProgress, stopped, type Progress } from './progress.ts'
import {
  closingLines,
  headerLines,
  leftOutLines,
  messageLines,
  movingLines,
  warningLines,
  type Viewport,
} from './lines.ts'

const redrawnEveryMs = 80
const mostWarnings = 5

export const openView = (redact: Redact): Teller => {
  const { stderr, stdout } = process
  // A cursor that is hidden would stay hidden when the process is killed.
  const region = createLogUpdate(stderr, { showCursor: true })
  const startedMs = performance.now()
  let progress: Progress = startOfProgress
  let warnings = 0
  let last: LogLine | undefined
  const viewport = (): Viewport => ({
    ...{ width: stderr.columns, height: stderr.rows, nowMs: performance.now(), startedMs },
    clean: (text) => visible(oneLine(redact(text)), 'text'),
  })
  const draw = (): void => {
    region(movingLines(progress, viewport()).join('\n'))
  }
  const timer = setInterval(draw, redrawnEveryMs).unref()
  const keep = (lines: readonly string[]): void => {
    region.persist(lines.join('\n'))
    draw()
  }
  const log = (line: LogLine): void => {
    if (line.level === 'warn' && ++warnings <= mostWarnings)
      keep(warningLines(line.message, viewport()))
    if (line.level === 'info' || line.level === 'error') last = line
  }
  return {
    kind: 'view',
    log,
    announce: (event) => {
      progress = afterEvent(progress, event, performance.now())
      if (event.kind === 'endpoint chosen')
        keep(headerLines({ version: packageJson.version, ...event }, viewport()))
      const line = narrate(event)
      if (line.level === 'warn' && !isNoted(event)) log(line)
    },
    end: () => {
      clearInterval(timer)
      if (last?.level === 'error') progress = stopped(progress, performance.now())
      region.clear()
      const lines = [
        ...closingLines(progress, viewport()),
        ...leftOutLines(warnings - mostWarnings),
        // Else the report has it, on the same terminal.
        ...(stdout.isTTY || last === undefined ? [] : messageLines(last.message, viewport())),
      ]
      if (lines.length > 0) region.persist(lines.join('\n'))
    },
  }
}
