// Every tool whose folder is read as it is.

import { atlas } from './atlas.ts'
import { dbmate } from './dbmate.ts'
import type { Dialect } from './dialect.ts'
import { diesel } from './diesel.ts'
import { drizzle } from './drizzle.ts'
import { flyway } from './flyway.ts'
import { golangMigrate } from './golang-migrate.ts'
import { goose } from './goose.ts'
import { graphileMigrate } from './graphile-migrate.ts'
import { hasura } from './hasura.ts'
import { nodePgMigrate } from './node-pg-migrate.ts'
import { pop } from './pop.ts'
import { prisma } from './prisma.ts'
import { sqlMigrate } from './sql-migrate.ts'
import { sqlx } from './sqlx.ts'
import { supabase } from './supabase.ts'
import { tern } from './tern.ts'

export const dialects: readonly Dialect[] = [
  ...[golangMigrate, goose, dbmate, prisma, sqlx, diesel, supabase],
  ...[nodePgMigrate, drizzle, tern, sqlMigrate, hasura],
  ...[flyway, atlas, graphileMigrate, pop],
]
