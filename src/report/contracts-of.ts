/** 'the contracts of api, calls and worker' */
export const contractsOf = (services: readonly string[]): string =>
  services.length === 1
    ? `the contract of ${services.join('')}`
    : `the contracts of ${services.slice(0, -1).join(', ')} and ${services.at(-1) ?? ''}`

/** 'the contracts of api and worker hold' */
export const holding = (services: readonly string[]): string =>
  `${contractsOf(services)} ${services.length === 1 ? 'holds' : 'hold'}`
