import type { Target } from './target.ts'

/** How the readers call the lake at a target, and the options that they need. */
interface Opening {
  /** For Spark and pyarrow: folder of the lake, with options. */
  readonly spark: string
  readonly pyarrow: string
  /** For DuckDB and Polars: glob of the lake's files, with options. */
  readonly duckdb: string
  readonly polars: string
}

const GLOB = 'year=*/**/*.parquet'

/** One line for each of Spark, DuckDB, pyarrow and Polars, with which it opens the lake at a target. */
export function openingLines({ address }: Pick<Target, 'address'>, endpoint: string): string[] {
  const { spark, duckdb, pyarrow, polars } = openingOf(`${address}/lake`, endpoint)
  return [
    `Spark     spark.read${spark}`,
    `DuckDB    ${duckdb}`,
    `pyarrow   pyarrow.dataset.dataset(${pyarrow}, partitioning='hive')`,
    `Polars    ${polars}`,
  ]
}

function openingOf(lake: string, endpoint: string): Opening {
  if (lake.startsWith('s3://')) return endpoint ? fromServer(lake, new URL(endpoint)) : fromS3(lake)
  if (lake.startsWith('hdfs://')) return fromHdfs(lake, endpoint)
  return plain(lake)
}

/** A folder, or a bucket of GCS. */
function plain(lake: string): Opening {
  return {
    spark: `.parquet(${quote(lake)})`,
    duckdb: duckdbQuery(lake),
    pyarrow: quote(lake),
    polars: `polars.scan_parquet(${quote(`${lake}/${GLOB}`)}, hive_partitioning=True)`,
  }
}

function fromS3(lake: string): Opening {
  return {
    ...plain(lake),
    spark: `.parquet(${quote(lake.replace('s3:', 's3a:'))})`,
    duckdb: `create secret (type s3, provider credential_chain); ${duckdbQuery(lake)}`,
  }
}

/** A server other than Amazon's, which has no host names for buckets. */
function fromServer(lake: string, { protocol, host, origin }: URL): Opening {
  const usesTls = protocol === 'https:'
  const storage = [['aws_endpoint_url', origin], ...(usesTls ? [] : [['aws_allow_http', 'true']])]
  const options = storage.map(([name = '', value = '']) => `${quote(name)}: ${quote(value)}`).join(', ')
  return {
    spark:
      `.option('fs.s3a.endpoint', ${quote(origin)}).option('fs.s3a.path.style.access', True)` +
      `.parquet(${quote(lake.replace('s3:', 's3a:'))})`,
    duckdb:
      `create secret (type s3, provider credential_chain, endpoint ${quote(host)}, url_style 'path', use_ssl ${usesTls}); ` +
      duckdbQuery(lake),
    pyarrow: quote(`${lake}?scheme=${protocol.slice(0, -1)}&endpoint_override=${host}`),
    polars:
      `polars.scan_parquet(${quote(`${lake}/${GLOB}`)}, hive_partitioning=True, ` + `storage_options={${options}})`,
  }
}

/** DuckDB and Polars have no HDFS of their own, so they read through pyarrow. */
function fromHdfs(lake: string, endpoint: string): Opening {
  const { hostname, pathname } = new URL(lake)
  const server = endpoint ? new URL(endpoint) : { hostname, port: '9870' }
  const system = `fsspec.filesystem('webhdfs', host=${quote(server.hostname)}, port=${server.port || 80})`
  const dataset = `${quote(decodeURIComponent(pathname))}, filesystem=${system}`
  const alerts = `pyarrow.dataset.dataset(${dataset}, partitioning='hive')`
  return {
    spark: `.parquet(${quote(lake)})`,
    duckdb: `alerts = ${alerts}; duckdb.sql('from alerts')`,
    pyarrow: dataset,
    polars: `polars.scan_pyarrow_dataset(${alerts})`,
  }
}

function duckdbQuery(lake: string): string {
  return `from read_parquet(${quote(`${lake}/${GLOB}`)}, hive_partitioning = true)`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`
}
