// The forms in which tables and foreign keys are drawn.

export const diagramFormats = ['mermaid', 'svg'] as const
export type DiagramFormat = (typeof diagramFormats)[number]
