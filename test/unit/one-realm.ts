// Jest runs each test file in a realm of its own, where the errors of Node's fs are no instances of Error. In the
// program there is one realm. Imported by the tests of code that looks at such errors.

import { types } from 'node:util'

const inherited = Object.getOwnPropertyDescriptor(Function.prototype, Symbol.hasInstance)
  ?.value as (this: unknown, value: unknown) => boolean

Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    return this === Error ? types.isNativeError(value) : inherited.call(this, value)
  },
})
