// A healthy database with one pending file; tests say what is different.

import { makeEndpoint, type Endpoint } from '../../../../src/config/endpoint.ts'
import type { Examination } from '../../../../src/commands/doctor/facts/examination.ts'
import { noNeeds } from '../../../../src/commands/doctor/facts/needs.ts'
import { nothingPending } from '../../../../src/commands/doctor/facts/preview.ts'
import type { ServerFacts } from '../../../../src/commands/doctor/facts/server-facts.ts'
import { aMigration } from '../../a-migration.ts'

export const facts: ServerFacts = {
  timeouts: [],
  tls: { on: false, version: '', cipher: '' },
  database: 'app',
  login: 'app',
  role: { name: 'app', superuser: false, memberOf: [], createsSchemas: true },
  ledger: {
    createsSchemas: true,
    ...{ schemaExists: true, createsInSchema: true, exists: true },
    ...{ selects: true, inserts: true, locks: true },
  },
  schemas: [{ name: 'public', creates: true }],
  relations: [],
  owners: [],
  transactions: [],
  prepared: [],
  hidden: 0,
  invalidIndexes: [],
  replicas: { count: 0, lagSeconds: null },
  locked: [],
}

export const anEndpoint = (changes: Partial<Endpoint> = {}): Endpoint =>
  makeEndpoint(
    {
      name: 'DATABASE_URL',
      hosts: ['db.example'],
      ports: [5432],
      user: 'app',
      database: 'app',
      sslMode: 'prefer',
      rootCertificate: undefined,
      options: undefined,
      ...changes,
    },
    undefined,
  )

export const examination: Examination = {
  gate: { kind: 'open', because: 'run was asked for by hand' },
  endpoint: anEndpoint(),
  directUnavailable: undefined,
  server: {
    pid: 1,
    versionNumber: 180_004,
    version: '18.4',
    connectionKind: 'DIRECT',
    role: 'primary',
    writes: 'allowed',
    migrationRole: 'allowed',
    searchPath: { schemas: ['app', 'public'], existing: ['public'] },
    login: { path: 'app, public', connection: 'current', stored: '0' },
    encoding: 'UTF8',
    connectionCheck: 'available',
  },
  second: { kind: 'open', mode: 'no pooler' },
  files: { migrations: [aMigration('1_a.sql')], contracts: 0, problems: [], watched: undefined },
  ledgerSchema: 'schemagate',
  ledger: { kind: 'present', rows: [] },
  preview: { ...nothingPending, pending: 1, toRun: 1, needs: noNeeds },
  facts,
  lockHolder: undefined,
  limits: { lockTimeout: '5s', statementTimeout: '120s', lockWaitMs: 30_000, longMs: 5_000 },
}

export const withFacts = (changes: Partial<ServerFacts>): Examination => ({
  ...examination,
  facts: { ...facts, ...changes },
})
