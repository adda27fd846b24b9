"""Reads a lake repeatedly with every reader, until standard input ends: `python watch.py LAKE`.

Prints `ready` after the first round, and at the end JSON: for each read the number of rows per night, or the error.
"""

import json
import sys
import threading
from collections import Counter

import duckdb
import pandas
import polars
import pyarrow.dataset

from sparksession import spark_session

NIGHT = ['year', 'month', 'day']


def read_spark(lake):
    return [tuple(row) for row in spark.read.parquet(lake).select(*NIGHT, 'candid').collect()]


def read_pyarrow(lake):
    table = pyarrow.dataset.dataset(lake, partitioning='hive').to_table(columns=[*NIGHT, 'candid'])
    return [tuple(row.values()) for row in table.to_pylist()]


def read_pandas(lake):
    return list(pandas.read_parquet(lake, columns=[*NIGHT, 'candid']).itertuples(index=False, name=None))


def read_polars(lake):
    scan = polars.scan_parquet(f'{lake}/year=*/**/*.parquet', hive_partitioning=True, extra_columns='ignore')
    return scan.select(*NIGHT, 'candid').collect().rows()


def read_duckdb(lake):
    files = f"read_parquet('{lake}/year=*/**/*.parquet', hive_partitioning = true)"
    return duckdb.sql(f'select year::int, month::int, day::int, candid from {files}').fetchall()


READERS = {'Spark': read_spark, 'pyarrow': read_pyarrow, 'pandas': read_pandas, 'Polars': read_polars, 'DuckDB': read_duckdb}


def read_once(name, lake):
    try:
        nights = Counter(f'{year}{month:02}{day:02}' for year, month, day, _ in READERS[name](lake))
        return {'reader': name, 'nights': nights}
    except Exception as error:
        return {'reader': name, 'error': f'{type(error).__name__}: {error}'[:500]}


spark = spark_session()
lake = sys.argv[1]
reads = [read_once(name, lake) for name in READERS]
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
print('ready', flush=True)
while not ended.is_set():
    reads += [read_once(name, lake) for name in READERS]
reads += [read_once(name, lake) for name in READERS]
json.dump(reads, sys.stdout)
