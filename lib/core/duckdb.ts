import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'

/** The rows of an answer, as far as they were asked for; `more` where there are others. */
export interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly DuckDBValue[])[]
  readonly more: boolean
}

export type Row = Record<string, DuckDBValue>

/** A DuckDB of its own, in memory; `read_parquet` there reads a lake. Nothing else imports the package. */
export class DuckDB {
  private readonly instance: DuckDBInstance
  private readonly connection: DuckDBConnection

  static async open(): Promise<DuckDB> {
    // A worker hardly ever needs it, so it is loaded only then.
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:')
    return new DuckDB(instance, await instance.connect())
  }

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance
    this.connection = connection
  }

  /**
   * Runs one statement and gives all of its rows.
   * @throws Error in one sentence, as of every method here
   */
  async query(sql: string): Promise<Row[]> {
    return inOneSentence(async () => (await this.connection.runAndReadAll(sql)).getRowObjects())
  }

  /** How many statements a text has; blanks, comments and semicolons alone are none. */
  async count(sql: string): Promise<number> {
    return (await this.statements(sql))?.count ?? 0
  }

  /** Runs the statements of a text one by one, and gives the first `most` rows of each that answers with some. */
  async *answers(sql: string, most: number): AsyncGenerator<Rows> {
    const statements = await this.statements(sql)
    for (let i = 0; statements && i < statements.count; i++) {
      const rows = await inOneSentence(async () => firstRows(await (await statements.prepare(i)).stream(), most))
      if (rows) yield rows
    }
  }

  private async statements(sql: string): Promise<Statements | undefined> {
    return inOneSentence(() => this.connection.extractStatements(sql).catch(unlessNothing))
  }

  /** Ends the statement that is running: it throws. */
  interrupt(): void {
    this.connection.interrupt()
  }

  close(): void {
    this.connection.closeSync()
    this.instance.closeSync()
  }
}

/** Runs one SQL statement in a DuckDB of its own and gives its rows. */
export async function query(sql: string): Promise<Row[]> {
  const database = await DuckDB.open()
  try {
    return await database.query(sql)
  } finally {
    database.close()
  }
}

/** A file's path as SQL writes it, where DuckDB would take some names for patterns that other files fit too. */
export function literalPath(path: string): string {
  return literal(path.replace(/[[*?]/g, '[$&]'))
}

/** A text as SQL writes it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

type Statements = Awaited<ReturnType<DuckDBConnection['extractStatements']>>

/** A text without any statement is to the package a failure of which DuckDB says nothing. */
function unlessNothing(error: Error): undefined {
  if (error.message !== 'Error in native callback') throw error
}

type Result = Awaited<ReturnType<DuckDBConnection['stream']>>

/** One row more than is wanted is looked for, and no other: a stream leaves the rest unread. */
async function firstRows(result: Result, most: number): Promise<Rows | undefined> {
  const rows: DuckDBValue[][] = []
  for await (const chunk of result.yieldRows()) {
    rows.push(...chunk)
    if (rows.length > most) break
  }
  if (!hasRows(result)) return undefined
  const types = result.columnTypes().map(String)
  const columns = result.deduplicatedColumnNames().map((name, i) => ({ name, type: types[i] ?? '' }))
  return { columns, rows: rows.slice(0, most), more: rows.length > most }
}

/** What only does something, as `create view`, answers with a count that is no row of anybody's. */
function hasRows(result: Result): boolean {
  if (result.columnCount !== 1) return result.columnCount > 0
  return result.columnName(0) !== 'Count' || String(result.columnType(0)) !== 'BIGINT'
}

/** A file of the lake, in what DuckDB says of it. */
const IN_LAKE = /\/year=\d+\/month=\d+\/day=\d+\/[^/']+\.parquet/

/** DuckDB draws where in the text it stopped, below an empty line; what is above says all. */
async function inOneSentence<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const [said = ''] = (error as Error).message.split(/\n\s*\n|\nLINE \d+:/)
    const sentence = said
      .replace(/^Failed to \w+ statements: /, '')
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ')
    const next = IN_LAKE.test(sentence)
      ? ': make check tells which night is damaged, make repair has it made again'
      : ''
    throw new Error(sentence + next, { cause: error })
  }
}
