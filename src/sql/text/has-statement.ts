// Does a text hold anything but comments? Without the parser, because it is asked at every start.

/** Of a text whose quotes are closed; a lone semicolon is nothing. */
export const hasStatement = (text: string): boolean =>
  /[^\s;]/.test(text.replace(/--[^\n\r]*|\/\*[\s\S]*?\*\//g, ''))
