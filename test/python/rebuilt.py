"""Opens a lake by every reader, waits until standard input ends, and only then reads it: `python rebuilt.py LAKE`.

Says a line in between; prints as JSON, for each reader, the candids or the error that it then gets, and the candids that
it gets when it has opened the lake anew.
"""

import json
import sys

import duckdb
import polars
import pyarrow.dataset

from sparksession import spark_session


def by_spark(lake):
    alerts = spark.read.parquet(lake).select('candid')
    return lambda: [row.candid for row in alerts.collect()]


def by_pyarrow(lake):
    dataset = pyarrow.dataset.dataset(lake, partitioning='hive')
    return lambda: dataset.to_table(columns=['candid'])['candid'].to_pylist()


def by_polars(lake):
    scan = polars.scan_parquet(f'{lake}/year=*/**/*.parquet', hive_partitioning=True).select('candid')
    return lambda: scan.collect()['candid'].to_list()


def by_duckdb(lake):
    relation = duckdb.sql(f"select candid from read_parquet('{lake}/year=*/**/*.parquet')")
    return lambda: [candid for (candid,) in relation.fetchall()]


READERS = {'Spark': by_spark, 'pyarrow': by_pyarrow, 'Polars': by_polars, 'DuckDB': by_duckdb}


def outcome(read):
    try:
        return {'candids': sorted(map(str, read()))}
    except Exception as error:
        return {'error': f'{type(error).__name__}: {error}'[:1000]}


spark = spark_session()
lake = sys.argv[1]
opened = {name: open_lake(lake) for name, open_lake in READERS.items()}
print('ready', flush=True)
sys.stdin.read()
found = {name: outcome(read) for name, read in opened.items()}
again = {name: outcome(open_lake(lake)) for name, open_lake in READERS.items()}
json.dump({'opened before': found, 'opened after': again}, sys.stdout)
