// A variable of the environment, as the table of all of them says it.

export type Variable = {
  readonly type: 'string'
  readonly description: string
  readonly form: string
  readonly default?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  /** What to do about a value that is not of the form, where that is more than to give another. */
  readonly cure?: string
  /** Never printed, and also read from the file that <NAME>_FILE names. */
  readonly secret?: true
}
