// What the databases of tests are copied from.

import postgres from 'postgres'

export const preparedTemplate = 'schemagate_test_template'

/**
 * To be called once for each server, before createDatabase(). What is copied from it has the file from which a session takes the
 * system catalogs' descriptions: without it, the first session of each database would make one.
 */
export const prepareTemplate = async (url: string): Promise<void> => {
  const admin = postgres(url, { max: 1, fetch_types: false })
  await admin.unsafe(`CREATE DATABASE ${preparedTemplate} TEMPLATE template0`)
  const there = new URL(url)
  there.pathname = `/${preparedTemplate}`
  const sql = postgres(there.href, { max: 1, fetch_types: false })
  await sql`SELECT 1`
  await sql.end()
  await admin.unsafe(`ALTER DATABASE ${preparedTemplate} IS_TEMPLATE true ALLOW_CONNECTIONS false`)
  await admin.end()
}
