// The flags of the commands that check contracts, read without what checks them.

import { readAll, type ParsedArguments } from '../definition.ts'

export const validateFormats = ['text', 'json', 'github', 'junit'] as const
export type ValidateFormat = (typeof validateFormats)[number]

const service = {
  type: 'string',
  describe: 'only the contract of this service; may be repeated (default: all)',
} as const

export const validateFlags = {
  service,
  format: {
    type: 'string',
    describe: `form of the report (${validateFormats.join(' | ')}; default text)`,
  },
} as const

export const waitFlags = {
  service,
  timeout: { type: 'string', describe: 'how long to wait at most, in seconds (default 300)' },
} as const

export const readServices = (parsed: ParsedArguments): ReturnType<typeof readAll> =>
  readAll(parsed, 'service', 'the name of a service, such as api')
