// May this container migrate? RUN_MIGRATIONS decides, then its older name, then the role; with none of them
// somebody asked for `run` by hand.

import { nearest } from '../errors/nearest.ts'

export type Gate =
  | { readonly kind: 'open'; readonly because: string }
  | { readonly kind: 'closed'; readonly because: string }
  | { readonly kind: 'ambiguous role'; readonly role: string }

type Deciders = {
  readonly RUN_MIGRATIONS?: string | undefined
  readonly RUN_MIGRATIONS_ON_START?: string | undefined
  readonly SERVICE_ROLE?: string | undefined
}

export const decideGate = (values: Deciders): Gate => {
  for (const name of ['RUN_MIGRATIONS', 'RUN_MIGRATIONS_ON_START'] as const) {
    const value = values[name]
    if (value !== undefined)
      return { kind: value === '1' ? 'open' : 'closed', because: `${name}=${value}` }
  }
  const role = values.SERVICE_ROLE
  if (role === undefined) return { kind: 'open', because: 'run was asked for by hand' }
  if (role === 'migrate') return { kind: 'open', because: 'SERVICE_ROLE=migrate' }
  // 'migrator' or 'migarte' would close the gate and exit 0 with everything pending.
  const unsure = role.toLowerCase().startsWith('migr') || nearest(role, ['migrate']) !== undefined
  return unsure
    ? { kind: 'ambiguous role', role }
    : { kind: 'closed', because: `SERVICE_ROLE=${role}` }
}
