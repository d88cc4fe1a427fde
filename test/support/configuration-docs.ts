// The reference part of docs/configuration.md, from the table that the program itself reads.

import {
  flagOf,
  hasFlag,
  secretNames,
  variable,
  variableNames,
  type VariableName,
} from '../../src/config/variables/variables.ts'

const code = (text: string): string => `\`${text}\``

// Bare angle brackets would be taken for HTML.
const cell = (text: string): string =>
  text.includes('<') ? code(text) : text.replaceAll('|', '\\|')

const row = (name: VariableName): string => {
  const { description, form, default: standard } = variable(name)
  const flag = hasFlag(name) ? code(`--${flagOf(name)}`) : ''
  const columns = [
    code(name),
    flag,
    standard === undefined ? '' : code(standard),
    form,
    description,
  ]
  return `| ${columns.map(cell).join(' | ')} |`
}

export const variablesAsMarkdown = (): string =>
  [
    '| variable | flag | default | valid form | meaning |',
    '|---|---|---|---|---|',
    ...variableNames.map(row),
    '',
    `Secret, so never printed, and also read from the file that \`<name>_FILE\` names: ${secretNames
      .map((name) => code(`${name}_FILE`))
      .join(', ')}.`,
  ].join('\n')
