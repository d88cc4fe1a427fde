// From a contract to a database: what of it the database breaks for a service that runs with this contract. Pure.

import { isInsertedInto, ownMember, type LoadedContract } from '../contract.ts'
import type { Change } from './change.ts'
import type { Facts } from '../facts.ts'
import type { Violation } from '../violation.ts'

/** `violations` are those of the contract; what the contract does not name comes behind. */
export const diffWithDatabase = (
  { contract: { tables = {} } }: LoadedContract,
  violations: readonly Violation[],
  facts: Facts,
): readonly Change[] => [
  ...violations.map(changeOf),
  ...Object.entries(tables).flatMap(([name, table]) =>
    [...(facts.relations.get(name)?.columns ?? [])]
      .filter(([column]) => ownMember(table.columns, column) === undefined)
      .map(([column, { nullable, filledBy }]): Change => {
        const object = { kind: 'column', of: name, name: column } as const
        return nullable === false && filledBy === 'nothing' && isInsertedInto(table)
          ? {
              ...{ effect: 'breaks', object },
              what: 'is not in the contract, NOT NULL and without a default',
              means: 'an INSERT that leaves it out fails',
            }
          : {
              ...{ effect: 'compatible', object },
              what: 'is not in the contract',
              means: 'the service may leave it out',
            }
      }),
  ),
]

const changeOf = ({ object, aspect, expected, found }: Violation): Change => ({
  effect: 'breaks',
  object,
  what: aspect === 'existence' ? 'is missing' : `has another ${aspect}`,
  means: `expected ${expected}, found ${found}`,
})
