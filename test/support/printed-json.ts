// Everything that any test sees the gate print as JSON is what the published schema says: no field comes without it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'

const path = join(import.meta.dirname, '../../schema/output.schema.json')

let compiled: ((name: string) => ValidateFunction) | undefined

const validatorOf = (name: string): ValidateFunction => {
  if (compiled === undefined) {
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strict: true })
    ajv.addSchema(JSON.parse(readFileSync(path, 'utf8')) as object)
    compiled = (each) => {
      const validate = ajv.getSchema(`urn:schemagate:output#/$defs/${each}`)
      if (validate === undefined) throw new Error(`output.schema.json has no ${each}`)
      return validate
    }
  }
  return compiled(name)
}

const reportNames: Readonly<Record<string, string>> = {
  run: 'run',
  adopt: 'run',
  init: 'init',
  plan: 'plan',
  'adopt --dry-run': 'plan',
  status: 'status',
  validate: 'contract_check',
  wait: 'contract_check',
  doctor: 'doctor',
  indexes: 'indexes',
  backfill: 'backfill',
  lint: 'lint',
  'contract diff': 'contract_diff',
  drift: 'drift',
  'schema dump': 'schema_dump',
  'schema diagram': 'schema_diagram',
  squash: 'squash',
  new: 'new',
}

const reportOf = (args: readonly string[]): string | undefined => {
  const [command = ''] = args
  const known = [
    args.includes('--dry-run') ? `${command} --dry-run` : command,
    args.slice(0, 2).join(' '),
  ]
  return known.map((each) => reportNames[each]).find((each) => each !== undefined)
}

type Printed = { readonly stdout: string; readonly stderr: string }

/** Throws for JSON that is not of the schema. What is no JSON, and JSON of other formats, is passed over. */
export const checkPrintedJson = (args: readonly string[], { stdout, stderr }: Printed): void => {
  for (const line of stderr.split('\n').filter((each) => each.startsWith('{'))) {
    const value = parsed(line)
    if (value !== undefined) expectValid(value, ['log_line'])
  }
  const name = reportOf(args)
  const report = stdout.startsWith('{') ? parsed(stdout) : undefined
  if (name === undefined || report === undefined || '$schema' in report) return
  expectValid(report, [`report_${name}`, 'report_failure'])
}

const parsed = (text: string): object | undefined => {
  try {
    return JSON.parse(text) as object
  } catch {
    return undefined
  }
}

const expectValid = (value: object, names: readonly string[]): void => {
  const checks = names.map(validatorOf)
  if (checks.some((check) => check(value))) return
  const why = JSON.stringify(
    checks[0]?.errors?.map(({ instancePath, message, params }) => ({
      instancePath,
      message,
      params,
    })),
  )
  throw new Error(`schema/output.schema.json does not allow ${JSON.stringify(value)}: ${why}`)
}
