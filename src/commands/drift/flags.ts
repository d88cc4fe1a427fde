// The forms in which differences are reported.

export const driftFormats = ['text', 'json', 'github', 'sarif', 'junit'] as const
export type DriftFormat = (typeof driftFormats)[number]
