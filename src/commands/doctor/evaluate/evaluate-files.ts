// Our own side: files, ledger, and what a run would do. Pure: facts in, findings out.

import { someMigrations } from '../../../errors/define.ts'
import { ledgerTable } from '../../../database/ledger/ledger.ts'
import type { Examination } from '../facts/examination.ts'
import { note, ok, refused, warning, type Finding } from '../finding.ts'

export const evaluateFiles = ({ files }: Examination): Finding => {
  const { migrations, contracts, problems } = files
  const count = `${someMigrations(migrations.length)} and ${contracts} contract${contracts === 1 ? '' : 's'}`
  return problems.length === 0
    ? ok('files', `${count} can be read`)
    : refused('files', 'a run would refuse the files before it connects', problems)
}

export const evaluateLedger = ({ ledger, ledgerSchema }: Examination): Finding => {
  const table = ledgerTable(ledgerSchema)
  switch (ledger.kind) {
    case 'unreadable':
      return refused('ledger', `${table} cannot be read`, ledger.problems)
    case 'absent':
      return note(
        'ledger',
        `${table} does not exist yet: the first run that has something to record creates it`,
      )
    case 'present': {
      const { rows } = ledger
      const running = rows.filter(({ state }) => state === 'running')
      const shown = `${table} has ${rows.length} row${rows.length === 1 ? '' : 's'}`
      return running.length === 0
        ? ok('ledger', `${shown}, none of them interrupted`)
        : warning(
            'ledger',
            `${shown}, ${running.length} of them of a migration that was interrupted or still runs`,
            'Check whether a run is in progress (migration lock, below). If not, schemagate plan says what a run would do with it.',
            running.map(({ version, name }) => `version ${version}: ${name}`),
          )
    }
  }
}

export const evaluateMigrations = ({ files, preview, ledger }: Examination): readonly Finding[] => {
  const { pending, recorded, toMark, toRun, refusals } = preview
  if (files.problems.length > 0) return []
  if (refusals.length > 0)
    return [refused('migrations', 'a run would refuse, and change nothing', refusals)]
  // What is pending is not known then.
  if (ledger.kind === 'unreadable') return []
  if (pending === 0) return [ok('migrations', `nothing is pending, ${recorded} recorded`)]
  const parts = [
    ...(toMark === 0 ? [] : [`mark ${toMark} that the database already has`]),
    ...(toRun === 0 ? [] : [`run ${toRun}`]),
  ]
  return [
    ok(
      'migrations',
      `${pending} pending, ${recorded} recorded: a run would ${parts.join(' and ')}`,
    ),
  ]
}
