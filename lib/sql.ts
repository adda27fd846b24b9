import type { DuckDBValue } from '@duckdb/node-api'

/** Runs one SQL statement in a DuckDB of its own and gives its rows; `read_parquet` there reads a lake. */
export async function query(sql: string): Promise<Record<string, DuckDBValue>[]> {
  // A worker hardly ever needs it, so it is loaded only then.
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjects()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
