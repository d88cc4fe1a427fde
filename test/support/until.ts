/** Waits until `condition` holds, at most `boundMs`; throws with `what` otherwise. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  boundMs = 20_000,
): Promise<void> => {
  const deadline = Date.now() + boundMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${boundMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
