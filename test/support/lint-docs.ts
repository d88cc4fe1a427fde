// The part of docs/lint.md that is made from the rules.

import type { Finding } from '../../src/lint/finding.ts'
import type { Example, Harm, Rule } from '../../src/lint/rule.ts'
import { rules } from '../../src/lint/rules.ts'
import { callLog } from '../../src/lint/rules/example.ts'

const setup = Object.keys(callLog)

export const rulesAsMarkdown = (
  lintFiles: (files: Example['files']) => readonly Finding[],
): string =>
  [
    'The examples stand on these tables:',
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
    `- Proof: ${proof(rule.harm)}`,
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

const proof = (harm: Harm): string => {
  switch (harm.kind) {
    case 'lock':
      return `its transaction holds a ${harm.level} lock on \`${harm.relation}\`.`
    case 'scan':
      return `its transaction reads \`${harm.relation}\` whole and holds a ${harm.level} lock on it, or a stronger one.`
    case 'rewrite':
      return `\`${harm.relation}\` is in another file on disk afterwards.`
    case 'error':
      return `SQLSTATE ${harm.sqlstate} when it is ${harm.when}.`
    case 'ignored':
      return `\`${harm.relation}\` has the same columns, with the same types, as before.`
    case 'leak':
      return `\`${harm.setting}\` is another one in the session afterwards.`
    case 'breaks':
      return `\`${harm.query}\` fails with SQLSTATE ${harm.sqlstate} afterwards.`
    case 'lost rows':
      return `rows of \`${harm.relation}\` are gone afterwards.`
    case 'locked rows':
      return `until its transaction ends, others cannot change a row of \`${harm.relation}\`, and it writes all of them.`
    case 'ends':
      return `a session with application_name \`${harm.applicationName}\` is gone afterwards.`
    case 'none':
      return `none, ${harm.because}.`
  }
}
