// Every tool whose folder is read as it is.

import { atlas } from './tools/up-only/atlas.ts'
import { dbmate } from './tools/marked-parts/dbmate.ts'
import type { Dialect } from './dialect.ts'
import { diesel } from './tools/file-pairs/diesel.ts'
import { drizzle } from './tools/up-only/drizzle.ts'
import { flyway } from './tools/up-only/flyway.ts'
import { golangMigrate } from './tools/file-pairs/golang-migrate.ts'
import { goose } from './tools/marked-parts/goose.ts'
import { graphileMigrate } from './tools/up-only/graphile-migrate.ts'
import { hasura } from './tools/file-pairs/hasura.ts'
import { liquibase } from './liquibase/liquibase.ts'
import { nodePgMigrate } from './tools/marked-parts/node-pg-migrate.ts'
import { pop } from './tools/file-pairs/pop.ts'
import { prisma } from './tools/up-only/prisma.ts'
import { sqitch } from './sqitch/sqitch.ts'
import { sqlMigrate } from './tools/marked-parts/sql-migrate.ts'
import { sqlx } from './tools/file-pairs/sqlx.ts'
import { supabase } from './tools/up-only/supabase.ts'
import { tern } from './tools/marked-parts/tern.ts'

export const dialects: readonly Dialect[] = [
  ...[golangMigrate, goose, dbmate, prisma, sqlx, diesel, supabase],
  ...[nodePgMigrate, drizzle, tern, sqlMigrate, hasura],
  ...[flyway, atlas, graphileMigrate, pop, liquibase, sqitch],
]
