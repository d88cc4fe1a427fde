// Workflow commands, which GitHub shows beside the lines of a pull request.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions

import type { Place } from '../../errors/problem.ts'

export type Annotation = {
  readonly place: Place | undefined
  readonly title: string
  readonly message: string
}

export const workflowCommand = (
  level: 'error' | 'warning',
  { place, title, message }: Annotation,
): string => {
  const properties = {
    ...(place === undefined || place.file === ''
      ? {}
      : { file: place.file, line: String(place.line), col: String(place.column) }),
    title,
  }
  const words = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`)
  return `::${level} ${words.join(',')}::${data(message)}`
}

// As the runner's own toolkit escapes them.
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
