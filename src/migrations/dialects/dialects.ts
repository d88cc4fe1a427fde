// Every tool whose folder is read as it is.

import { atlas } from './tools/atlas.ts'
import { dbmate } from './tools/dbmate.ts'
import type { Dialect } from './dialect.ts'
import { diesel } from './tools/diesel.ts'
import { drizzle } from './tools/drizzle.ts'
import { flyway } from './tools/flyway.ts'
import { golangMigrate } from './tools/golang-migrate.ts'
import { goose } from './tools/goose.ts'
import { graphileMigrate } from './tools/graphile-migrate.ts'
import { hasura } from './tools/hasura.ts'
import { liquibase } from './liquibase/liquibase.ts'
import { nodePgMigrate } from './tools/node-pg-migrate.ts'
import { pop } from './tools/pop.ts'
import { prisma } from './tools/prisma.ts'
import { sqitch } from './sqitch/sqitch.ts'
import { sqlMigrate } from './tools/sql-migrate.ts'
import { sqlx } from './tools/sqlx.ts'
import { supabase } from './tools/supabase.ts'
import { tern } from './tools/tern.ts'

export const dialects: readonly Dialect[] = [
  ...[golangMigrate, goose, dbmate, prisma, sqlx, diesel, supabase],
  ...[nodePgMigrate, drizzle, tern, sqlMigrate, hasura],
  ...[flyway, atlas, graphileMigrate, pop, liquibase, sqitch],
]
