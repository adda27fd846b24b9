import type { DuckDBConnection, DuckDBInstance, DuckDBValue, ResultReturnType } from '@duckdb/node-api'
import { clipped } from './console.ts'

/** First rows of a result; `more` is true if there are further rows. */
export interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly DuckDBValue[])[]
  readonly more: boolean
}

export type Row = Record<string, DuckDBValue>

export interface DuckDBOptions {
  readonly threads?: number
  /** Maximum memory in bytes. Sorts and aggregations that need more use temporary files. */
  readonly memory?: number
  /** Folder for temporary files. DuckDB creates it when it needs it, in an existing folder. */
  readonly temporary?: string
}

/** A function for SQL. It is called once per row, and gets null for a missing argument. */
export interface SqlFunction {
  readonly name: string
  readonly parameters: readonly ('DOUBLE' | 'INTEGER')[]
  readonly returns: 'INTEGER' | 'VARCHAR'
  readonly call: (...values: (number | null)[]) => number | string | null
}

/** An in-memory DuckDB database. Errors have one-line messages. */
export class DuckDB {
  private readonly instance: DuckDBInstance
  private readonly connection: DuckDBConnection

  /**
   * Called with the lower-case name of a table, view or table function that a statement names but the database lacks.
   * If this returns true, the statement is tried again.
   */
  onMissing: ((name: string) => Promise<boolean>) | undefined

  static async open({ threads, memory, temporary }: DuckDBOptions = {}): Promise<DuckDB> {
    // Import the package on demand, because most workers never need it.
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:', {
      ...(threads && { threads: String(threads) }),
      ...(memory && { memory_limit: `${Math.ceil(memory / 2 ** 20)}MiB` }),
      ...(temporary && { temp_directory: temporary }),
    })
    return new DuckDB(instance, await instance.connect())
  }

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance
    this.connection = connection
  }

  /** Runs one statement and returns its rows. */
  async query(sql: string): Promise<Row[]> {
    return this.run(async () => (await this.connection.runAndReadAll(sql)).getRowObjects())
  }

  /** Makes a function available to SQL. */
  async define({ name, parameters, returns, call }: SqlFunction): Promise<void> {
    const duckdb = await import('@duckdb/node-api')
    const definition = duckdb.DuckDBScalarFunction.create({
      name,
      parameterTypes: parameters.map(type => duckdb[type]),
      returnType: duckdb[returns],
      // Call the function for null too, instead of returning null.
      specialHandling: true,
      mainFunction: (_, input, output) => {
        const columns = parameters.map((_, i) => input.getColumnVector(i))
        for (let row = 0; row < input.rowCount; row++)
          output.setItem(row, call(...columns.map(column => column.getItem(row) as number | null)))
        output.flush()
      },
    })
    this.connection.registerScalarFunction(definition)
  }

  /** Number of statements in an SQL script, not counting empty ones. */
  async count(sql: string): Promise<number> {
    return (await this.statements(sql))?.count ?? 0
  }

  /** Runs the statements of an SQL script in order, and yields up to `maxRows` rows of each one that returns rows. */
  async *answers(sql: string, maxRows: number): AsyncGenerator<Rows> {
    let statements = await this.statements(sql)
    for (let i = 0; statements && i < statements.count; i++) {
      const rows = await this.run(async isRetry => {
        // A statement can be prepared only once.
        if (isRetry) statements = await this.statements(sql)
        const statement = await statements?.prepare(i)
        return statement && firstRows(await statement.stream(), maxRows)
      })
      if (rows) yield rows
    }
  }

  /** Trying again does nothing twice, because DuckDB looks up the names in a statement before running it. */
  private async run<T>(statement: (isRetry: boolean) => Promise<T>, isRetry = false): Promise<T> {
    try {
      return await withShortErrors(() => statement(isRetry))
    } catch (error) {
      const [, name] = MISSING.exec((error as Error).message) ?? []
      if (name && (await this.onMissing?.(name.toLowerCase()))) return this.run(statement, true)
      throw error
    }
  }

  private async statements(sql: string): Promise<Statements | undefined> {
    return withShortErrors(() => this.connection.extractStatements(sql).catch(ignoreEmpty))
  }

  /** Cancels the running statement, which then throws. */
  interrupt(): void {
    this.connection.interrupt()
  }

  close(): void {
    this.connection.closeSync()
    this.instance.closeSync()
  }
}

/** Runs one SQL statement in a new database and returns its rows. */
export async function query(sql: string): Promise<Row[]> {
  const database = await DuckDB.open()
  try {
    return await database.query(sql)
  } finally {
    database.close()
  }
}

/** Quotes a path as an SQL string. Glob characters are escaped, so that DuckDB reads only this file. */
export function literalPath(path: string): string {
  return literal(path.replace(/[[*?]/g, '[$&]'))
}

/** Quotes text as an SQL string. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

type Statements = Awaited<ReturnType<DuckDBConnection['extractStatements']>>

/** Ignores the generic error that @duckdb/node-api throws for a script without statements. */
function ignoreEmpty(error: Error): undefined {
  if (error.message !== 'Error in native callback') throw error
}

/** Result type of statements that return rows. */
const QUERY_RESULT: ResultReturnType = 3

type Result = Awaited<ReturnType<DuckDBConnection['stream']>>

/** Up to `maxRows` rows of a result; undefined if the statement is not a query. */
async function firstRows(result: Result, maxRows: number): Promise<Rows | undefined> {
  const rows: DuckDBValue[][] = []
  for await (const chunk of result.yieldRows()) {
    rows.push(...chunk)
    if (rows.length > maxRows) break
  }
  if (result.returnType !== QUERY_RESULT) return undefined
  const types = result.columnTypes().map(String)
  const columns = result.deduplicatedColumnNames().map((name, i) => ({ name, type: types[i] ?? '' }))
  return { columns, rows: rows.slice(0, maxRows), more: rows.length > maxRows }
}

const MISSING = /^Catalog Error: Table(?: Function)? with name (\w+) does not exist/

/** Advice for errors about files, by what is in the message: a file of a night or of the index, or damage in a footer. */
const HINTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/\/year=\d+\/month=\d+\/day=\d+\/[^/']+\.parquet/, 'make check names the damaged night, make repair rebuilds it'],
  [/\/year=\d+\/month=\d+\/(objects|positions)\.parquet/, 'make repair rebuilds the index'],
  [
    /^Invalid Error: (TProtocolException|don't know what type)/,
    'make check names the damaged file, make repair rebuilds it',
  ],
]

/** Length of an error's sentence in characters. It may quote a whole SQL statement. */
const MAX_LENGTH = 1000

/** Shortens DuckDB's errors to one line, without the SQL excerpt. Adds a hint to errors about the lake's files. */
async function withShortErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const [message = ''] = (error as Error).message
      .replace(/^Failed to \w+ statements: /, '')
      .split(/\n\s*\n|\nLINE \d+:/)
    const sentence = message.trim().replaceAll(/\s*\n\s*/g, ' ')
    const [, hint] = HINTS.find(([pattern]) => pattern.test(sentence)) ?? []
    const short = clipped(sentence, MAX_LENGTH)
    throw new Error(hint ? `${short}: ${hint}` : short, { cause: error })
  }
}
