// The service for compose is YAML that means the folder that was asked about, whatever its name holds.

import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { composeService } from '../../../../src/commands/init/compose-service.ts'

type Service = {
  readonly volumes: readonly unknown[]
  readonly environment: Readonly<Record<string, string>>
  readonly restart: string
}

const serviceOf = (migrationsDir: string, dialect?: string): Service => {
  const text = `services:\n${composeService({ migrationsDir, dialect })}`
  const { services } = parse(text) as { services: { migrate: Service } }
  return services.migrate
}

test('a folder beside compose.yaml, or above it, is mounted read-only where the image looks', () => {
  expect(serviceOf('migrations').volumes).toEqual(['./migrations:/migrations:ro'])
  expect(serviceOf('./db/sql/').volumes).toEqual(['./db/sql:/migrations:ro'])
  expect(serviceOf('../shared').volumes).toEqual(['../shared:/migrations:ro'])
})

test('the address of the database is left to the environment', () => {
  expect(serviceOf('migrations').environment).toEqual({ DATABASE_URL: '${DATABASE_URL:?}' })
  expect(serviceOf('migrations').restart).toBe('no')
})

test("another tool's folder is named, so that the files must not show it again", () => {
  expect(serviceOf('migrations', 'flyway').environment).toMatchObject({
    MIGRATIONS_DIALECT: 'flyway',
  })
})

test.each([
  ['a colon', 'c:d', './c:d'],
  ['a quote', "it's", "./it's"],
  ['a variable of compose', 'a$HOME', './a$$HOME'],
  ['a line end', 'a\nb', './a\nb'],
  ['what turns text around', 'a\u202eb', './a\u202eb'],
])('%s in its name stays part of the name', (_, folder, source) => {
  expect(serviceOf(folder).volumes).toEqual([
    { type: 'bind', source, target: '/migrations', read_only: true },
  ])
  expect(composeService({ migrationsDir: folder, dialect: undefined })).not.toMatch(/\u202e/)
})
