"""Opens a lake with every reader, prints `ready`, and reads it after standard input has ended: `python rebuilt.py LAKE`.

Prints JSON: for each reader, the candids or the error of that read, and those of a read after opening the lake again.
"""

import json
import sys

import duckdb
import polars
import pyarrow.dataset

from sparksession import spark_session


def open_spark(lake):
    alerts = spark.read.parquet(lake).select('candid')
    return lambda: [row.candid for row in alerts.collect()]


def open_pyarrow(lake):
    dataset = pyarrow.dataset.dataset(lake, partitioning='hive')
    return lambda: dataset.to_table(columns=['candid'])['candid'].to_pylist()


def open_polars(lake):
    scan = polars.scan_parquet(f'{lake}/year=*/**/*.parquet', hive_partitioning=True).select('candid')
    return lambda: scan.collect()['candid'].to_list()


def open_duckdb(lake):
    relation = duckdb.sql(f"select candid from read_parquet('{lake}/year=*/**/*.parquet')")
    return lambda: [candid for (candid,) in relation.fetchall()]


READERS = {'Spark': open_spark, 'pyarrow': open_pyarrow, 'Polars': open_polars, 'DuckDB': open_duckdb}


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
