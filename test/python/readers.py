"""Reads whole lakes with pyarrow, pandas, Polars and DuckDB: `python readers.py LAKE...`.

Prints JSON: for each lake and reader, every alert in the columns of the truth table (test/support/truth-rows.ts).
"""

import hashlib
import json
import sys

import duckdb
import pandas
import polars
import pyarrow.dataset


def read_pyarrow(lake):
    return pyarrow.dataset.dataset(lake, partitioning='hive').to_table().to_pylist()


def read_pandas(lake):
    return pandas.read_parquet(lake, dtype_backend='pyarrow').to_dict('records')


def read_polars(lake):
    casts = polars.ScanCastOptions(missing_struct_fields='insert', extra_struct_fields='ignore')
    scan = polars.scan_parquet(
        f'{lake}/year=*/**/*.parquet',
        hive_partitioning=True,
        missing_columns='insert',
        extra_columns='ignore',
        cast_options=casts,
    )
    return scan.collect().rows(named=True)


def read_duckdb(lake):
    result = duckdb.sql(f"from read_parquet('{lake}/year=*/**/*.parquet', hive_partitioning = true)")
    return [dict(zip(result.columns, row)) for row in result.fetchall()]


def truth_row(alert):
    """An alert in the columns of the truth table; integers that a double cannot hold are text."""
    candidate, before = alert['candidate'], alert['prv_candidates']
    fields = ['jd', 'magpsf', 'rb', 'drb', 'exptime', 'isdiffpos', 'ssnamenr']
    magnitudes = [row['magpsf'] for row in before or [] if row['magpsf'] is not None]
    return [
        f'{int(alert["year"])}{int(alert["month"]):02}{int(alert["day"]):02}',
        text(alert['candid']),
        text(alert['objectId']),
        text(alert['schemavsn']),
        *[candidate[name] for name in fields],
        text(candidate['objectidps1']),
        length(before),
        sum(row['candid'] is not None for row in before or []),
        sum(magnitudes),
        length(alert['fp_hists']),
        *[digest(alert[f'cutout{name}']) for name in ('Science', 'Template', 'Difference')],
    ]


def text(value):
    return None if pandas.isna(value) else str(value)


def length(rows):
    # pandas.NA is its null for a list.
    return None if rows is None or rows is pandas.NA else len(rows)


def digest(stamp):
    if stamp is None or stamp['stampData'] is None:
        return None
    return hashlib.sha1(stamp['stampData']).hexdigest()[:16]


READERS = {'pyarrow': read_pyarrow, 'pandas': read_pandas, 'Polars': read_polars, 'DuckDB': read_duckdb}

if __name__ == '__main__':
    lakes = sys.argv[1:]
    found = [{name: [truth_row(alert) for alert in read(lake)] for name, read in READERS.items()} for lake in lakes]
    json.dump(found, sys.stdout)
