// How many random cases a property test tries, and from which seed. A push tries the same ones each time, so that it fails for what
// it changed; who asks for more of them (the nightly workflow does) gets others each time.

const asked = process.env['PROPERTY_RUNS']
const everyTime = 20_261_130

export const propertyRuns = Number(asked ?? 12)

export const propertySeed = Number(
  process.env['PROPERTY_SEED'] ?? (asked === undefined ? everyTime : Date.now() % 1_000_000),
)
