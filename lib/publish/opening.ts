import { literalPath } from '../core/duckdb.ts'
import { signingRegion } from './s3.ts'
import type { Target } from './target.ts'

/** How readers reach the lake at a target. */
interface Access {
  /** Address for Spark, and its options by name. */
  readonly spark: string
  readonly options?: Options
  /** Arguments of pyarrow: the address of a path in the lake, and the Python expression of a file system. */
  readonly arrow: (path: string) => string
  readonly filesystem?: string
  /** Address for DuckDB, and the parameters of a secret. Without it, DuckDB reads through pyarrow. */
  readonly duckdb?: string
  readonly secret?: readonly string[]
  /** Address for Polars, and its options by name. Without it, Polars reads through pyarrow. */
  readonly polars?: string
  readonly storage?: Options
}

type Options = Readonly<Record<string, string>>

/** Without names that start with `_`, because `**` alone does not skip them. */
const GLOB = 'year=*/**/*.parquet'
const COMMON = '_common_metadata'

/**
 * One line for each of Spark, DuckDB, pyarrow and Polars, with which it opens the lake at a target: SQL for DuckDB where
 * it can read the target itself, otherwise Python.
 * @param endpoint value of ENDPOINT
 * @param columnsDiffer whether some nights have more columns than others, so that the lake has `_common_metadata`
 */
export function openingLines({ address }: Pick<Target, 'address'>, endpoint: string, columnsDiffer: boolean): string[] {
  const access = accessTo(`${address}/lake`, endpoint)
  const dataset = arrowDataset(access, columnsDiffer)
  return [
    `Spark     ${sparkTable(access)}`,
    `DuckDB    ${duckdbQuery(access, columnsDiffer) ?? `duckdb.from_arrow(${dataset})`}`,
    `pyarrow   ${dataset}`,
    `Polars    ${polarsScan(access, columnsDiffer) ?? `polars.scan_pyarrow_dataset(${dataset})`}`,
  ]
}

function accessTo(lake: string, endpoint: string): Access {
  if (lake.startsWith('s3://')) return endpoint ? onS3Server(lake, new URL(endpoint)) : onS3(lake)
  if (lake.startsWith('gs://')) return onGcs(lake, endpoint)
  if (lake.startsWith('hdfs://')) return onHdfs(lake, endpoint)
  return { spark: lake, arrow: path => `${lake}/${path}`, duckdb: lake, polars: lake }
}

function onS3(lake: string): Access {
  return {
    spark: lake.replace('s3:', 's3a:'),
    arrow: path => escapeUri(`${lake}/${path}`),
    duckdb: lake,
    secret: ['type s3', 'provider credential_chain'],
    polars: lake,
  }
}

/** A server other than Amazon's, which has no host names for buckets. */
function onS3Server(lake: string, { protocol, host, origin }: URL): Access {
  const { secret = [], ...access } = onS3(lake)
  const usesTls = protocol === 'https:'
  return {
    ...access,
    options: {
      'fs.s3a.endpoint': origin,
      'fs.s3a.endpoint.region': signingRegion(),
      'fs.s3a.path.style.access': 'true',
    },
    arrow: path => `${access.arrow(path)}?scheme=${protocol.slice(0, -1)}&endpoint_override=${host}`,
    secret: [...secret, `endpoint ${quote(host)}`, "url_style 'path'", `use_ssl ${usesTls}`],
    storage: { aws_endpoint_url: origin, ...(!usesTls && { aws_allow_http: 'true' }) },
  }
}

/** DuckDB would need other credentials, so it reads through pyarrow. */
function onGcs(lake: string, endpoint: string): Access {
  const access: Access = { spark: lake, arrow: path => escapeUri(`${lake}/${path}`), polars: lake }
  if (!endpoint) return access
  const { protocol, host, origin } = new URL(endpoint)
  // An emulator, which has no credentials.
  const isOpen = protocol === 'http:'
  const query = `?scheme=${protocol.slice(0, -1)}&endpoint_override=${host}`
  return {
    ...access,
    options: { 'fs.gs.storage.root.url': origin, ...(isOpen && { 'fs.gs.auth.type': 'UNAUTHENTICATED' }) },
    arrow: path => access.arrow(path).replace('//', isOpen ? '//anonymous@' : '//') + query,
    storage: { google_base_url: origin, ...(isOpen && { google_skip_signature: 'true' }) },
  }
}

/** DuckDB and Polars have no HDFS of their own, and that of pyarrow needs an installation of Hadoop. */
function onHdfs(lake: string, endpoint: string): Access {
  const [, host = '', folder = ''] = /^hdfs:\/\/([^/]*)(.*)$/s.exec(lake) ?? []
  const { protocol, hostname, port } = new URL(endpoint || `http://${host.replace(/:\d+$/, '')}:9870`)
  const usesTls = protocol === 'https:'
  const server = `host=${quote(hostname)}, port=${port || (usesTls ? 443 : 80)}${usesTls ? ', use_https=True' : ''}`
  return {
    spark: lake,
    arrow: path => `${folder}/${path}`,
    filesystem: `fsspec.filesystem('webhdfs', ${server})`,
  }
}

function sparkTable({ spark, options = {} }: Access): string {
  const set = Object.entries(options).map(([name, value]) => `.option(${quote(name)}, ${quote(value)})`)
  return `spark.read${set.join('')}.parquet(${quote(spark.replace(/[[\]{}*?\\]/g, '\\$&'))})`
}

function arrowDataset({ arrow, filesystem }: Access, columnsDiffer: boolean): string {
  const system = filesystem && `, filesystem=${columnsDiffer ? `(webhdfs := ${filesystem})` : filesystem}`
  const common = `${quote(arrow(COMMON))}${filesystem ? ', filesystem=webhdfs' : ''}`
  const fields = "(pyarrow.field(name, 'int32') for name in ('year', 'month', 'day'))"
  const schema = `, schema=pyarrow.schema([*pyarrow.dataset.dataset(${common}).schema, *${fields}])`
  const lake = arrow('').replace(/\/(?=$|\?)/, '')
  return `pyarrow.dataset.dataset(${quote(lake)}${system ?? ''}, partitioning='hive'${columnsDiffer ? schema : ''})`
}

function duckdbQuery({ duckdb, secret }: Access, columnsDiffer: boolean): string | undefined {
  if (duckdb === undefined) return undefined
  const create = secret ? `create or replace secret (${secret.join(', ')}); ` : ''
  const files = literalPath(`${duckdb}/`).replace(/'$/, `${GLOB}'`)
  const union = columnsDiffer ? ', union_by_name = true' : ''
  return `${create}from read_parquet(${files}, hive_partitioning = true${union})`
}

function polarsScan({ polars, storage }: Access, columnsDiffer: boolean): string | undefined {
  if (polars === undefined) return undefined
  // Polars takes this as a glob in a folder, and as a regular expression on a server.
  const lake = polars.replaceAll('[', '[\\[]')
  const options =
    storage &&
    `{${Object.entries(storage)
      .map(entry => entry.map(quote).join(': '))
      .join(', ')}}`
  const common = `${quote(`${lake}/${COMMON}`)}${options ? ', storage_options=options' : ''}`
  const differing = [
    "missing_columns='insert'",
    "cast_options=polars.ScanCastOptions(missing_struct_fields='insert')",
    `schema=polars.scan_parquet(${common}).collect_schema()`,
  ]
  const settings = [
    'hive_partitioning=True',
    ...(options ? [`storage_options=${columnsDiffer ? `(options := ${options})` : options}`] : []),
    ...(columnsDiffer ? differing : []),
  ]
  return `polars.scan_parquet(${quote(`${lake}/${GLOB}`)}, ${settings.join(', ')})`
}

/** Escapes characters that have a meaning in a URI. */
function escapeUri(address: string): string {
  return address.replace(/[^\w/:.~-]/gu, encodeURIComponent)
}

/** Quotes text for Python. */
function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
