// The manifests against Kubernetes' own schema, and what they promise against our exit codes.

import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Deployment } from 'kubernetes-models/apps/v1'
import { Job } from 'kubernetes-models/batch/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Namespace, Service } from 'kubernetes-models/v1'
import { parseAllDocuments } from 'yaml'
import { exitCodes } from '../../../src/errors/exit-codes.ts'
import { unknownFields } from '../../support/kubernetes-fields.ts'

const project = join(import.meta.dirname, '../../..')

type Manifest = { readonly kind: string; readonly metadata?: { readonly name: string } }

const read = (file: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(join(project, file), 'utf8')).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as Manifest
  })

const files = ['kubernetes/base', 'kubernetes/job', 'kubernetes/deferred'].flatMap((folder) =>
  readdirSync(join(project, folder)).map((file) => `${folder}/${file}`),
)
const objects = files
  .filter((file) => !file.endsWith('/kustomization.yaml'))
  .flatMap((file) => read(file).map((manifest) => ({ file, manifest })))
const named = objects.map(({ file, manifest }) => ({
  name: `${manifest.kind} ${manifest.metadata?.name ?? ''} of ${file}`,
  manifest,
}))

const models = { Deployment, Job, NetworkPolicy, PodDisruptionBudget, Namespace, Service } as const
const modelOf = (kind: string) => {
  const model = Object.entries(models).find(([name]) => name === kind)?.[1]
  if (model === undefined) throw new Error(`no model of ${kind}`)
  return model
}

test('there are manifests', () => {
  expect(named.length).toBeGreaterThan(8)
})

test.each(named)("$name fits Kubernetes' schema", ({ manifest }) => {
  const Model = modelOf(manifest.kind)
  const object = new Model(manifest)
  expect(() => {
    object.validate()
  }).not.toThrow()
})

// The schema takes fields that it does not know; the API server, asked to be strict, and its users do not.
test('no manifest has a field that Kubernetes does not know', () => {
  expect(unknownFields(named.map(({ manifest }) => manifest))).toEqual([])
  const slip = { apiVersion: 'v1', kind: 'Service', spec: { port: [{ port: 80 }] } }
  expect(unknownFields([slip])).toEqual([expect.stringContaining('"port"')])
}, 120_000)

type Container = {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly [field: string]: unknown
}
type PodSpec = {
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly [field: string]: unknown
}
type Workload = Manifest & {
  readonly spec: {
    readonly replicas?: number
    readonly template: { readonly spec: PodSpec }
    readonly [field: string]: unknown
  }
}

const workloads = objects
  .map(({ manifest }) => manifest)
  .filter((manifest): manifest is Workload => ['Deployment', 'Job'].includes(manifest.kind))
const workload = (kind: string, name: string): Workload => {
  const found = workloads.find(
    (each) => each.kind === kind && each.metadata?.name.startsWith(name) === true,
  )
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}
const podOf = (of: Workload): PodSpec => of.spec.template.spec

describe('every pod', () => {
  test.each(workloads.map((of) => [`${of.kind} ${of.metadata?.name ?? ''}`, of] as const))(
    'of %s passes the restricted Pod Security Standard',
    (_, of) => {
      const pod = podOf(of)
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      for (const container of [...(pod.initContainers ?? []), ...pod.containers])
        expect(container['securityContext']).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
    },
  )
})

test('the API has three replicas behind the gate, worker and calls wait', () => {
  const api = workload('Deployment', 'api')
  expect(api.spec.replicas).toBe(3)
  const [migrate] = podOf(api).initContainers ?? []
  expect(migrate).toMatchObject({ image: 'app-migrate', name: 'migrate' })
  expect(migrate?.args).toBeUndefined()
  for (const name of ['worker', 'calls']) {
    const [wait] = podOf(workload('Deployment', name)).initContainers ?? []
    expect(wait).toMatchObject({
      image: 'app-migrate',
      args: ['wait', '--service', name, '--timeout', '300'],
      terminationMessagePath: '/dev/termination-log',
    })
  }
})

test.each(['migrate', 'indexes', 'backfill'])(
  'the Job %s fails at once where another try would end the same, and counts where it may not',
  (name) => {
    const job = workload('Job', name)
    const hopeless = Object.values(exitCodes).filter((code) => code >= 1 && code <= 5)
    expect([...hopeless].sort()).toEqual([1, 2, 3, 4, 5])
    expect(job.spec['podFailurePolicy']).toEqual({
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        {
          action: 'FailJob',
          onExitCodes: { containerName: name, operator: 'In', values: [...hopeless].sort() },
        },
        {
          action: 'Count',
          onExitCodes: {
            containerName: name,
            operator: 'In',
            values: [exitCodes.unreachable, exitCodes['try again']],
          },
        },
      ],
    })
    // podFailurePolicy asks for it.
    expect(podOf(job)['restartPolicy']).toBe('Never')
  },
)

test('kustomizations name files that exist, all of them', () => {
  for (const folder of ['kubernetes/base', 'kubernetes/job', 'kubernetes/deferred']) {
    const [kustomization] = read(`${folder}/kustomization.yaml`) as unknown as [
      { readonly resources: readonly string[] },
    ]
    const here = readdirSync(join(project, folder)).filter((file) => file !== 'kustomization.yaml')
    const wanted = kustomization.resources.filter((resource) => resource !== '../base')
    expect([...wanted].sort()).toEqual(here.sort())
  }
})

type Patch = {
  readonly target: { readonly kind: string; readonly name: string }
  readonly patch: string
}

const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (inner: unknown, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key],
      value,
    )

test.each(['base', 'job'])('what the kustomization of %s replaces is there', (folder) => {
  const [{ patches }] = read(`kubernetes/${folder}/kustomization.yaml`) as unknown as [
    { readonly patches: readonly Patch[] },
  ]
  expect(patches.length).toBeGreaterThan(0)
  for (const { target, patch } of patches) {
    const found = objects.find(
      ({ manifest }) => manifest.kind === target.kind && manifest.metadata?.name === target.name,
    )
    const [operations] = parseAllDocuments(patch).map((document) => document.toJS() as unknown) as [
      readonly { readonly op: string; readonly path: string }[],
    ]
    for (const { op, path } of operations)
      if (op === 'replace')
        expect({ path, was: at(found?.manifest, path) }).toEqual({ path, was: expect.any(String) })
  }
})

test('replicas that wait for the lock wait nearly as long as the rollout may take', () => {
  const api = workload('Deployment', 'api')
  const wait = (
    podOf(api).initContainers?.[0]?.['env'] as readonly { name: string; value?: string }[]
  ).find(({ name }) => name === 'MIGRATION_LOCK_WAIT_SECONDS')
  expect(Number(wait?.value)).toBeLessThan(Number(api.spec['progressDeadlineSeconds']))
  expect(Number(wait?.value)).toBeGreaterThan(600)
})

test('the one-shots tell by their exit code whether another try is worth it', () => {
  const argsOf = (name: string): readonly string[] | undefined =>
    podOf(workload('Job', name)).containers[0]?.args
  expect(argsOf('indexes')).toEqual(['indexes', '--strict'])
  expect(argsOf('backfill')).toEqual(['backfill', '--all', '--strict', '--time-budget', '30min'])
})
