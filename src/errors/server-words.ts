// What the server said of an error, as the lines of a problem.

export type ServerWords = {
  sqlstate: string
  message: string
  serverDetail: string | undefined
  hint: string | undefined
  context: string | undefined
  internalQuery: string | undefined
}

export const serverLines = (facts: ServerWords): readonly string[] =>
  [
    `SQLSTATE ${facts.sqlstate}: ${facts.message}`,
    facts.serverDetail === undefined ? '' : `detail: ${facts.serverDetail}`,
    facts.hint === undefined ? '' : `hint: ${facts.hint}`,
    facts.internalQuery === undefined ? '' : `query: ${facts.internalQuery}`,
    facts.context === undefined ? '' : `context: ${facts.context}`,
  ].filter((line) => line !== '')
