// Fields that Kubernetes does not know, told by the compiler: each manifest as a literal of its type, where a property too
// many is an error.

import { join } from 'node:path'
import ts from 'typescript'

const homes: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Job: 'batch/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  PodDisruptionBudget: 'policy/v1',
  Namespace: 'v1',
  Service: 'v1',
}

export const unknownFields = (manifests: readonly { readonly kind: string }[]): string[] => {
  const text = manifests
    .map((manifest, index) => {
      const type = `import('kubernetes-models/${homes[manifest.kind] ?? ''}').I${manifest.kind}`
      return `export const manifest${index}: ${type} = ${JSON.stringify(manifest)}`
    })
    .join('\n')
  const path = join(import.meta.dirname, 'kubernetes-manifests.ts')
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const onDisk = { read: host.getSourceFile.bind(host), exists: host.fileExists.bind(host) }
  host.fileExists = (file) => file === path || onDisk.exists(file)
  host.getSourceFile = (file, ...rest) =>
    file === path
      ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022)
      : onDisk.read(file, ...rest)
  const program = ts.createProgram([path], options, host)
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
