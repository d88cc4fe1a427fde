// What a command announces of a scratch database.

export type ScratchEvent =
  | {
      readonly kind: 'scratch database made'
      readonly database: string
      readonly endpoint: string
      /** How many files are to run in it. */
      readonly files: number
    }
  | { readonly kind: 'scratch database dropped'; readonly database: string }
  | {
      /** It could not be dropped. */
      readonly kind: 'scratch database left'
      readonly database: string
      readonly endpoint: string
      readonly reason: string
    }
