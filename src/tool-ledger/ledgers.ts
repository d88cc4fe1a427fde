// Every tool whose table can be taken over.

import type { ToolLedger } from './tool-ledger.ts'
import { atlas } from './tools/atlas.ts'
import { drizzle } from './tools/drizzle.ts'
import { flyway } from './tools/flyway.ts'
import { goose } from './tools/goose.ts'
import { graphileMigrate } from './tools/graphile-migrate.ts'
import { dbmate, diesel, nodePgMigrate, pop, sqlMigrate, supabase } from './tools/listed.ts'
import { liquibase } from './tools/liquibase.ts'
import { golangMigrate, hasura, tern } from './tools/numbered.ts'
import { prisma } from './tools/prisma.ts'
import { sqlx } from './tools/sqlx.ts'

export const toolLedgers: readonly ToolLedger[] = [
  ...[golangMigrate, goose, dbmate, flyway, prisma, nodePgMigrate, sqlx],
  ...[drizzle, atlas, tern, sqlMigrate, diesel, supabase, ...hasura, graphileMigrate, pop],
  liquibase,
]
