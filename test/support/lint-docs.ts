// The part of docs/lint.md that is made from the rules.

import type { Finding } from '../../src/lint/finding.ts'
import type { Example, Hazard, Rule } from '../../src/lint/rule.ts'
import { rules } from '../../src/lint/rules/rules.ts'
import { callLog } from '../../src/lint/rules/example.ts'

const setup = Object.keys(callLog)

export const rulesAsMarkdown = (
  lintFiles: (files: Example['files']) => readonly Finding[],
): string =>
  [
    'The examples use these tables:',
    ...filesAsMarkdown(Object.entries(callLog)),
    '| rule | level | |',
    '|---|---|---|',
    ...rules.map(
      ({ id, level, onlyWith, title }) =>
        `| [\`${id}\`](#${id}) | ${level}${asked(onlyWith)} | ${title} |`,
    ),
    '',
    ...rules.flatMap((rule) => ruleAsMarkdown(rule, lintFiles(rule.bad.files))),
  ].join('\n')

const ruleAsMarkdown = (rule: Rule, findings: readonly Finding[]): readonly string[] => {
  const finding = findings.find((each) => each.rule === rule.id)
  return [
    `### ${rule.id}`,
    '',
    `**${rule.level}${asked(rule.onlyWith)}: ${rule.title}**`,
    '',
    `- Found: ${rule.condition}`,
    `- Effect: ${rule.effect}`,
    `- Proof: ${proof(rule.hazard)}`,
    '',
    'Bad:',
    ...filesAsMarkdown(ownFiles(rule.bad)),
    'What `lint` says:',
    '',
    '```',
    `${rule.level}[${rule.id}]: ${finding?.message ?? ''}`,
    `  fix: ${(finding?.cure ?? '').replaceAll('\n', '\n    ')}`,
    '```',
    '',
    'Good:',
    ...filesAsMarkdown(ownFiles(rule.good)),
  ]
}

const asked = (flag: Rule['onlyWith']): string => (flag === undefined ? '' : `, with \`--${flag}\``)

const ownFiles = ({ files }: Example): readonly (readonly [string, string])[] =>
  Object.entries(files).filter(([name]) => !setup.includes(name))

const filesAsMarkdown = (
  files: readonly (readonly [name: string, text: string])[],
): readonly string[] => [
  '',
  ...files.flatMap(([name, text]) =>
    name.endsWith('.json')
      ? [`\`${name}\``, '', '```json', text.trimEnd(), '```', '']
      : ['```sql', `-- ${name}`, text.trimEnd(), '```', ''],
  ),
]

const proof = (hazard: Hazard): string => {
  switch (hazard.kind) {
    case 'lock':
      return `its transaction holds a ${hazard.level} lock on \`${hazard.relation}\`.`
    case 'scan':
      return `its transaction reads \`${hazard.relation}\` whole and holds a ${hazard.level} lock on it, or a stronger one.`
    case 'rewrite':
      return `\`${hazard.relation}\` is in another file on disk afterwards.`
    case 'error':
      return `SQLSTATE ${hazard.sqlstate} when it is ${hazard.when}.`
    case 'ignored':
      return `\`${hazard.relation}\` has the same columns, with the same types, as before.`
    case 'leak':
      return `\`${hazard.setting}\` is another one in the session afterwards.`
    case 'breaks':
      return `\`${hazard.query}\` fails with SQLSTATE ${hazard.sqlstate} afterwards.`
    case 'lost rows':
      return `rows of \`${hazard.relation}\` are gone afterwards.`
    case 'locked rows':
      return `until its transaction ends, others cannot change a row of \`${hazard.relation}\`, and it writes all of them.`
    case 'ends':
      return `a session with application_name \`${hazard.applicationName}\` is gone afterwards.`
    case 'none':
      return `none, ${hazard.because}.`
  }
}
