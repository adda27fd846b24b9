import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openingLines } from '../../lib/publish/opening.ts'

const REGION = process.env.AWS_REGION
beforeEach(() => {
  process.env.AWS_REGION = 'eu-west-1'
})
afterEach(() => {
  if (REGION === undefined) delete process.env.AWS_REGION
  else process.env.AWS_REGION = REGION
})

const CASES: Record<string, { to: string; endpoint?: string; lines: string[] }> = {
  'a folder': {
    to: '/data/ztf',
    lines: [
      "Spark     spark.read.parquet('/data/ztf/lake')",
      "DuckDB    from read_parquet('/data/ztf/lake/year=*/**/*.parquet', hive_partitioning = true)",
      "pyarrow   pyarrow.dataset.dataset('/data/ztf/lake', partitioning='hive')",
      "Polars    polars.scan_parquet('/data/ztf/lake/year=*/**/*.parquet', hive_partitioning=True)",
    ],
  },
  'a folder with a quote, a space, a backslash and brackets in its name': {
    to: "/it's [a] \\ {lake}",
    lines: [
      "Spark     spark.read.parquet('/it\\'s \\\\[a\\\\] \\\\\\\\ \\\\{lake\\\\}/lake')",
      "DuckDB    from read_parquet('/it''s [[]a] \\ {lake}/lake/year=*/**/*.parquet', hive_partitioning = true)",
      "pyarrow   pyarrow.dataset.dataset('/it\\'s [a] \\\\ {lake}/lake', partitioning='hive')",
      "Polars    polars.scan_parquet('/it\\'s [\\\\[]a] \\\\ {lake}/lake/year=*/**/*.parquet', hive_partitioning=True)",
    ],
  },
  "Amazon's S3": {
    to: 's3://bucket/ztf',
    lines: [
      "Spark     spark.read.parquet('s3a://bucket/ztf/lake')",
      'DuckDB    create or replace secret (type s3, provider credential_chain); ' +
        "from read_parquet('s3://bucket/ztf/lake/year=*/**/*.parquet', hive_partitioning = true)",
      "pyarrow   pyarrow.dataset.dataset('s3://bucket/ztf/lake', partitioning='hive')",
      "Polars    polars.scan_parquet('s3://bucket/ztf/lake/year=*/**/*.parquet', hive_partitioning=True)",
    ],
  },
  'an S3 server with TLS': {
    to: 's3://bucket/ztf',
    endpoint: 'https://s3.example.org:9000/',
    lines: [
      "Spark     spark.read.option('fs.s3a.endpoint', 'https://s3.example.org:9000')" +
        ".option('fs.s3a.endpoint.region', 'eu-west-1').option('fs.s3a.path.style.access', 'true')" +
        ".parquet('s3a://bucket/ztf/lake')",
      "DuckDB    create or replace secret (type s3, provider credential_chain, endpoint 's3.example.org:9000', " +
        "url_style 'path', use_ssl true); " +
        "from read_parquet('s3://bucket/ztf/lake/year=*/**/*.parquet', hive_partitioning = true)",
      'pyarrow   pyarrow.dataset.dataset(' +
        "'s3://bucket/ztf/lake?scheme=https&endpoint_override=s3.example.org:9000', partitioning='hive')",
      "Polars    polars.scan_parquet('s3://bucket/ztf/lake/year=*/**/*.parquet', hive_partitioning=True, " +
        "storage_options={'aws_endpoint_url': 'https://s3.example.org:9000'})",
    ],
  },
  GCS: {
    to: 'gs://bucket/ztf',
    lines: [
      "Spark     spark.read.parquet('gs://bucket/ztf/lake')",
      "DuckDB    duckdb.from_arrow(pyarrow.dataset.dataset('gs://bucket/ztf/lake', partitioning='hive'))",
      "pyarrow   pyarrow.dataset.dataset('gs://bucket/ztf/lake', partitioning='hive')",
      "Polars    polars.scan_parquet('gs://bucket/ztf/lake/year=*/**/*.parquet', hive_partitioning=True)",
    ],
  },
  'a GCS server with TLS': {
    to: 'gs://bucket',
    endpoint: 'https://gcs.example.org',
    lines: [
      "Spark     spark.read.option('fs.gs.storage.root.url', 'https://gcs.example.org').parquet('gs://bucket/lake')",
      'DuckDB    duckdb.from_arrow(pyarrow.dataset.dataset(' +
        "'gs://bucket/lake?scheme=https&endpoint_override=gcs.example.org', partitioning='hive'))",
      'pyarrow   pyarrow.dataset.dataset(' +
        "'gs://bucket/lake?scheme=https&endpoint_override=gcs.example.org', partitioning='hive')",
      "Polars    polars.scan_parquet('gs://bucket/lake/year=*/**/*.parquet', hive_partitioning=True, " +
        "storage_options={'google_base_url': 'https://gcs.example.org'})",
    ],
  },
  'HDFS with its usual web port': {
    to: 'hdfs://namenode:8020/a%20b',
    lines: hdfsLines(
      'hdfs://namenode:8020/a%20b/lake',
      "'/a%20b/lake', filesystem=fsspec.filesystem('webhdfs', host='namenode', port=9870)",
    ),
  },
  'HDFS with TLS': {
    to: 'hdfs://namenode/ztf',
    endpoint: 'https://web.example.org:9871',
    lines: hdfsLines(
      'hdfs://namenode/ztf/lake',
      "'/ztf/lake', filesystem=fsspec.filesystem('webhdfs', host='web.example.org', port=9871, use_https=True)",
    ),
  },
}

function hdfsLines(spark: string, dataset: string): string[] {
  const alerts = `pyarrow.dataset.dataset(${dataset}, partitioning='hive')`
  return [
    `Spark     spark.read.parquet('${spark}')`,
    `DuckDB    duckdb.from_arrow(${alerts})`,
    `pyarrow   ${alerts}`,
    `Polars    polars.scan_pyarrow_dataset(${alerts})`,
  ]
}

for (const [name, { to, endpoint = '', lines }] of Object.entries(CASES))
  test(`the lines open a lake at its address: ${name}`, () => {
    assert.deepEqual(openingLines({ address: to }, endpoint, false), lines)
  })

test('if nights differ in their columns, the lines take the columns from _common_metadata', () => {
  const schema = (common: string) =>
    `schema=pyarrow.schema([*pyarrow.dataset.dataset(${common}).schema, ` +
    "*(pyarrow.field(name, 'int32') for name in ('year', 'month', 'day'))])"
  assert.deepEqual(openingLines({ address: 's3://bucket' }, 'http://host:9000', true).slice(1), [
    "DuckDB    create or replace secret (type s3, provider credential_chain, endpoint 'host:9000', url_style 'path', " +
      "use_ssl false); from read_parquet('s3://bucket/lake/year=*/**/*.parquet', hive_partitioning = true, " +
      'union_by_name = true)',
    "pyarrow   pyarrow.dataset.dataset('s3://bucket/lake?scheme=http&endpoint_override=host:9000', " +
      `partitioning='hive', ${schema("'s3://bucket/lake/_common_metadata?scheme=http&endpoint_override=host:9000'")})`,
    "Polars    polars.scan_parquet('s3://bucket/lake/year=*/**/*.parquet', hive_partitioning=True, storage_options=" +
      "(options := {'aws_endpoint_url': 'http://host:9000', 'aws_allow_http': 'true'}), missing_columns='insert', " +
      "cast_options=polars.ScanCastOptions(missing_struct_fields='insert'), " +
      "schema=polars.scan_parquet('s3://bucket/lake/_common_metadata', storage_options=options).collect_schema())",
  ])
  const [, , onHdfs] = openingLines({ address: 'hdfs://host/ztf' }, '', true)
  assert.equal(
    onHdfs,
    "pyarrow   pyarrow.dataset.dataset('/ztf/lake', " +
      "filesystem=(webhdfs := fsspec.filesystem('webhdfs', host='host', port=9870)), partitioning='hive', " +
      `${schema("'/ztf/lake/_common_metadata', filesystem=webhdfs")})`,
  )
})
