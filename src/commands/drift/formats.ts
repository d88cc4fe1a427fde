// What differs as annotations, SARIF and JUnit XML: beside the statement that made it.

import packageJson from '../../../package.json' with { type: 'json' }
import { describeItem, type DriftItem } from '../../reconcile/drift/item.ts'
import { workflowCommand } from '../../report/formats/github.ts'
import { renderJunit } from '../../report/formats/junit.ts'
import { renderSarif } from '../../report/formats/sarif.ts'
import { detailsOf, driftSummary, type DriftReport } from './report.ts'

const messageOf = (item: DriftItem): string =>
  [`${item.kind} in the database: ${describeItem(item)}`, ...detailsOf(item)].join('\n')

export const driftForGithub = (report: DriftReport): string =>
  [
    ...report.drift.items.map((item) =>
      workflowCommand('error', {
        ...{ place: item.place, title: `drift: ${item.kind}`, message: messageOf(item) },
      }),
    ),
    driftSummary(report),
    '',
  ].join('\n')

const rules = [
  { id: 'drift-missing', title: 'The database lacks what a recorded file makes.' },
  { id: 'drift-different', title: 'The database has it otherwise than a recorded file makes it.' },
  { id: 'drift-extra', title: 'The database has what no recorded file makes.' },
]

export const driftAsSarif = ({ drift }: DriftReport): Promise<string> =>
  renderSarif(
    rules,
    drift.items.map((item) => ({
      ...{ rule: `drift-${item.kind}`, level: 'error', message: messageOf(item) },
      place: item.place,
    })),
  )

export const driftAsJunit = (report: DriftReport): Promise<string> =>
  renderJunit(`${packageJson.name} drift`, [
    ...report.drift.items.map((item) => ({
      ...{ className: 'schema', name: describeItem(item), file: item.place?.file },
      failure: {
        ...{ message: `${item.kind} in the database`, type: `drift-${item.kind}` },
        text: messageOf(item),
      },
      output: undefined,
    })),
    // A suite without a case would look like one that did not run.
    ...(report.drift.items.length > 0
      ? []
      : [
          {
            ...{ className: 'schema', name: driftSummary(report), file: undefined },
            ...{ failure: undefined, output: undefined },
          },
        ]),
  ])
