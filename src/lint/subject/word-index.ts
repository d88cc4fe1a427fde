// Texts by the words in them: which of many statements name a thing is asked once for each thing, and must not read them all
// each time.

export type WordIndex = {
  readonly add: (text: string) => void
  /** The numbers of the texts, in the order of add(), that may name it: those that have every word of the name. */
  readonly mayName: (name: string) => readonly number[]
}

export const makeWordIndex = (): WordIndex => {
  const texts: string[] = []
  const found = new Map<string, number[]>()
  // Most files never ask, so words are looked for when somebody does.
  let read = 0
  const readOn = (): void => {
    for (; read < texts.length; read++)
      for (const word of new Set(wordsOf(texts[read] ?? ''))) {
        const numbers = found.get(word)
        if (numbers === undefined) found.set(word, [read])
        else numbers.push(read)
      }
  }
  return {
    add: (text) => {
      texts.push(text)
    },
    mayName: (name) => {
      readOn()
      const [first, ...rest] = wordsOf(name).map((word) => found.get(word) ?? [])
      // A name of other letters than these has no word.
      if (first === undefined) return texts.map((_, number) => number)
      return rest.reduce((rarest, each) => (each.length < rarest.length ? each : rarest), first)
    },
  }
}

/** Finds the name where it is not a part of a longer one. */
export const wholeWord = (name: string, flags: 'i' | 'gi'): RegExp =>
  new RegExp(`(?<![\\w$])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w$])`, flags)

const wordsOf = (text: string): readonly string[] =>
  (text.match(/[\w$]+/g) ?? []).map((word) => word.toLowerCase())
