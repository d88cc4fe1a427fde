// JUnit XML. The only module that knows junit-report-builder, loaded only for this format.

export type JunitCase = {
  readonly className: string
  readonly name: string
  readonly file: string | undefined
  readonly failure:
    | { readonly message: string; readonly type: string | undefined; readonly text: string }
    | undefined
  readonly output: string | undefined
}

export const renderJunit = async (
  suiteName: string,
  cases: readonly JunitCase[],
): Promise<string> => {
  const { default: loaded } = await import('junit-report-builder')
  // Its types speak of an ES module; what Node loads is the builder itself.
  const junit = (loaded as unknown as typeof loaded.default).newBuilder()
  const suite = junit.testSuite().name(suiteName)
  for (const { className, name, file, failure, output } of cases) {
    const test = suite.testCase().className(className).name(legal(name))
    if (file !== undefined) test.file(legal(file))
    if (failure !== undefined)
      test.failure(legal(failure.message), failure.type).stacktrace(legal(failure.text))
    if (output !== undefined) test.standardOutput(legal(output))
  }
  return `${junit.build()}\n`
}

// XML 1.0 has no way to write these.
const legal = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
