"""Reads the candidates table without options, and a lake over HTTP: `python candidates.py CANDIDATES URL`.

Prints JSON: by reader, every row of the candidates table in COLUMNS; under `http` the candids that Polars finds in the
files that `_files.parquet` lists.
"""

import json
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

from sparksession import spark_session

COLUMNS = ['objectId', 'candid', 'schemavsn', 'jd', 'magpsf', 'drb', 'num_prv_candidates', 'num_fp_hists', 'healpix13']
NIGHT = ['year', 'month', 'day']


def read_spark(folder):
    return [row.asDict() for row in spark_session().read.parquet(folder).collect()]


def read_pyarrow(folder):
    return pyarrow.parquet.read_table(folder).to_pylist()


def read_pandas(folder):
    return pandas.read_parquet(folder, dtype_backend='pyarrow').to_dict('records')


def read_polars(folder):
    return polars.read_parquet(folder).to_dicts()


def read_duckdb(folder):
    result = duckdb.sql(f"from '{folder}/**/*.parquet'")
    return [dict(zip(result.columns, row)) for row in result.fetchall()]


def plain(row):
    """Integers that a double cannot hold are text; the night is one number."""
    values = [None if pandas.isna(row[name]) else row[name] for name in COLUMNS]
    year, month, day = [int(row[name]) for name in NIGHT]
    return [year * 10000 + month * 100 + day, *[str(value) if name == 'candid' else value for name, value in zip(COLUMNS, values)]]


def listed_by_polars(url):
    files = polars.read_parquet(f'{url}/_files.parquet')
    alerts = polars.scan_parquet([f'{url}/{path}' for path in files['path']], hive_partitioning=True)
    return [str(candid) for candid in alerts.select('candid').collect()['candid']]


READERS = {
    'Spark': read_spark,
    'pyarrow': read_pyarrow,
    'pandas': read_pandas,
    'Polars': read_polars,
    'DuckDB': read_duckdb,
}

if __name__ == '__main__':
    candidates, url = sys.argv[1:]
    found = {name: [plain(row) for row in read(candidates)] for name, read in READERS.items()}
    json.dump({'readers': found, 'http': listed_by_polars(url)}, sys.stdout)
