// What a run announces of the objects that are defined once.

export type ByHand =
  | { readonly what: 'dropped' }
  | {
      readonly what: 'changed'
      /** Lines of its definition that are gone, and those that have come. */
      readonly recorded: readonly string[]
      readonly found: readonly string[]
    }

export type ObjectChange = {
  readonly change:
    | 'created'
    | 'replaced'
    /** It was dropped because something that it needs had to be. */
    | 'made again'
    | 'dropped'
    /** It is not what was recorded, and the file has nothing against that; or there is an obstacle. */
    | 'kept'
  /** 'view app.customer' */
  readonly object: string
  readonly file: string
  /** What somebody had done to it since it was recorded. */
  readonly byHand: ByHand | undefined
  /** Of one that was there when nothing was recorded of it yet: lines of its definition that it no longer has. */
  readonly unrecorded?: readonly string[] | undefined
  /** Why it does not get the columns that the '*' of its text stands for now: the title of a problem. */
  readonly obstacle?: string | undefined
}

export type ObjectEvent =
  | ({ readonly kind: 'object changed' } & ObjectChange)
  | {
      /** No file defines it any more. */
      readonly kind: 'object orphaned'
      readonly object: string
      readonly file: string
    }
