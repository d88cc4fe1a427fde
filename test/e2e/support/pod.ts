// A pod of our Deployment under podman. What differs from the manifest is what a single machine without a cluster cannot have:
// the image's place, the Secret, a client for the probes inside the image, and a network between the pod and our server.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { command, docker, outputOf, type Finished } from './command.ts'
import { projectFolder } from './compose-project.ts'

type Container = {
  readonly name: string
  readonly image: string
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly [field: string]: unknown
}

type PodSpec = {
  readonly initContainers: readonly Container[]
  readonly containers: readonly Container[]
  readonly [field: string]: unknown
}

type Deployment = { readonly kind: string; readonly spec: { readonly template: { spec: PodSpec } } }

export type PodOptions = {
  readonly name: string
  /** From the root of the project. */
  readonly manifest: string
  readonly images: Readonly<Record<string, string>>
  /** By the name of a variable. */
  readonly values: Readonly<Record<string, string>>
}

export const podFor = ({ name, manifest, images, values }: PodOptions): string => {
  const text = readFileSync(join(projectFolder, manifest), 'utf8')
  const found = parseAllDocuments(text)
    .map((document) => document.toJS() as Deployment)
    .find(({ kind }) => kind === 'Deployment')
  if (found === undefined) throw new Error(`${manifest} has no Deployment`)
  const { spec } = found.spec.template
  const here = (container: Container): Container => ({
    ...omit(container, ['readinessProbe', 'livenessProbe', 'ports']),
    image: images[container.image] ?? container.image,
    imagePullPolicy: 'Never',
    env: container.env.map((variable) => ({
      name: variable.name,
      value: values[variable.name] ?? variable.value ?? '',
    })),
  })
  return stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      ...spec,
      hostNetwork: true,
      // One try: a kubelet would go on trying.
      restartPolicy: 'Never',
      initContainers: spec.initContainers.map(here),
      containers: spec.containers.map(here),
    },
  })
}

const omit = (container: Container, fields: readonly string[]): Container => ({
  ...container,
  ...Object.fromEntries(fields.map((field) => [field, undefined])),
})

export const podman = (...args: readonly string[]): Promise<Finished> =>
  command('podman', ['--runtime', 'runc', ...args], {
    // podman takes a folder that is named like an image for a build.
    cwd: process.env['SCHEMAGATE_E2E'] ?? '/',
  })

/** From Docker's images to podman's, as localhost/<name>. */
export const loadImage = async (image: string): Promise<string> => {
  const name = `localhost/${image}:e2e`
  await docker('tag', image, name)
  await outputOf('sh', ['-c', `docker save ${name} | podman load --quiet`])
  return name
}

export type PodContainer = {
  readonly Image: string
  readonly State: {
    readonly Status: string
    readonly ExitCode: number
    readonly StartedAt: string
  }
}

/** Undefined when podman has no such container. */
export const inspectContainer = async (name: string): Promise<PodContainer | undefined> => {
  const { exitCode, stdout } = await podman('container', 'inspect', name)
  if (exitCode !== 0) return undefined
  return (JSON.parse(stdout) as PodContainer[])[0]
}
