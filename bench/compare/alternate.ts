// Runs by turns: what slows the machine for a while slows everybody's runs and not one's.

export type Turns = { readonly runs: number; readonly enoughMs: number }

/** The values of each, in the order of `all`; at least one for each, up to `runs` while the time that it used allows it. */
export const alternate = async <One>(
  all: readonly One[],
  { runs, enoughMs }: Turns,
  once: (one: One) => Promise<number>,
): Promise<readonly (readonly number[])[]> => {
  const turns = all.map((one) => ({ one, values: [] as number[], usedMs: 0 }))
  for (let run = 0; run < runs; run++)
    for (const turn of turns) {
      if (turn.values.length > 0 && turn.usedMs >= enoughMs) continue
      const startedMs = performance.now()
      turn.values.push(await once(turn.one))
      turn.usedMs += performance.now() - startedMs
    }
  return turns.map(({ values }) => values)
}
