// Every tool whose table can be taken over.

import type { ToolLedger } from './tool-ledger.ts'
import { atlas } from './with-sums/atlas.ts'
import { drizzle } from './with-sums/drizzle.ts'
import { flyway } from './with-sums/flyway.ts'
import { goose } from './without-sums/goose.ts'
import { graphileMigrate } from './with-sums/graphile-migrate.ts'
import { dbmate, diesel, nodePgMigrate, pop, sqlMigrate, supabase } from './without-sums/listed.ts'
import { liquibase } from './with-sums/liquibase.ts'
import { golangMigrate, hasura, tern } from './without-sums/numbered.ts'
import { prisma } from './with-sums/prisma.ts'
import { sqitch } from './with-sums/sqitch.ts'
import { sqlx } from './with-sums/sqlx.ts'

export const toolLedgers: readonly ToolLedger[] = [
  ...[golangMigrate, goose, dbmate, flyway, prisma, nodePgMigrate, sqlx],
  ...[drizzle, atlas, tern, sqlMigrate, diesel, supabase, ...hasura, graphileMigrate, pop],
  ...[liquibase, sqitch],
]
