"""Reads a lake whose nights have columns of their own, as docs/reading.md says: `python new_columns.py LAKE COLUMN...`.

Prints JSON: for each reader the values of the columns, such as `candidate.colour`, by the candid of the alert.
"""

import json
import sys

import duckdb
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

from sparksession import spark_session

lake, *columns = sys.argv[1:]
common, files = f'{lake}/_common_metadata', f'{lake}/year=*/**/*.parquet'


def read_spark():
    return [row.asDict(recursive=True) for row in spark_session().read.parquet(lake).drop('cutoutScience').collect()]


def read_pyarrow():
    partition = [pyarrow.field(name, pyarrow.int32()) for name in ('year', 'month', 'day')]
    schema = pyarrow.schema([*pyarrow.parquet.read_schema(common), *partition])
    return pyarrow.dataset.dataset(lake, schema=schema, partitioning='hive').to_table().to_pylist()


def read_polars():
    scan = polars.scan_parquet(
        files,
        schema=polars.read_parquet_schema(common),
        hive_partitioning=True,
        missing_columns='insert',
        cast_options=polars.ScanCastOptions(missing_struct_fields='insert'),
    )
    return scan.collect().rows(named=True)


def read_duckdb():
    result = duckdb.sql(f"from read_parquet('{files}', hive_partitioning = true, union_by_name = true)")
    return [dict(zip(result.columns, row)) for row in result.fetchall()]


def value(alert, column):
    for name in column.split('.'):
        alert = None if alert is None else alert[name]
    return alert


READERS = {'Spark': read_spark, 'pyarrow': read_pyarrow, 'Polars': read_polars, 'DuckDB': read_duckdb}
found = {
    name: {str(alert['candid']): {column: value(alert, column) for column in columns} for alert in read()}
    for name, read in READERS.items()
}
json.dump(found, sys.stdout)
