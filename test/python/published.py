"""Runs Python lines that open lakes: `python published.py LINES JARS`, a JSON object of lines and a folder of jars for Spark.

Prints JSON: for each line the number of alerts per night, the sum of their candids, and the numbers of alerts and of
candidates that have the field `future`; for Spark also the columns, and a sum of hashes of whole alerts.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import duckdb
import fsspec
import polars
import pyarrow
import pyarrow.dataset
import pyspark.sql

from sparksession import spark_session

COLUMNS = ['year', 'month', 'day', 'candid', 'candidate']
HASHES = 'string(sum(cast(xxhash64(*) as decimal(20)))) hashes'


def by_spark(table, columns):
    return [row.asDict(recursive=True) for row in table.select(columns).collect()]


def by_duckdb(table, columns):
    return [dict(zip(columns, row)) for row in table.project(', '.join(columns)).fetchall()]


def by_pyarrow(table, columns):
    return table.to_table(columns=columns).to_pylist()


def by_polars(table, columns):
    return table.select(columns).collect().rows(named=True)


READERS = {
    pyspark.sql.DataFrame: (by_spark, lambda table: table.columns),
    duckdb.DuckDBPyRelation: (by_duckdb, lambda table: table.columns),
    pyarrow.dataset.Dataset: (by_pyarrow, lambda table: table.schema.names),
    polars.LazyFrame: (by_polars, lambda table: table.collect_schema().names()),
}


def summary(table):
    read, names = next(reader for kind, reader in READERS.items() if isinstance(table, kind))
    alerts = read(table, COLUMNS + ['future'] * ('future' in names(table)))
    return {
        'nights': Counter(f'{alert["year"]}{alert["month"]:02}{alert["day"]:02}' for alert in alerts),
        'candids': str(sum(alert['candid'] for alert in alerts)),
        'future': [
            sum(row.get('future') is not None for row in rows)
            for rows in (alerts, [alert['candidate'] for alert in alerts])
        ],
    }


def content(table):
    """Columns of Spark's table, and a sum of hashes of whole alerts."""
    return {'types': dict(table.dtypes), 'hashes': table.selectExpr(HASHES).first()[0]}


def opened(line):
    table = eval(line, names.copy())
    return summary(table) | (content(table) if isinstance(table, pyspark.sql.DataFrame) else {})


lines = json.loads(Path(sys.argv[1]).read_text(encoding='utf-8'))
spark = spark_session([str(jar) for jar in Path(sys.argv[2]).glob('*.jar')])
names = {'duckdb': duckdb, 'fsspec': fsspec, 'polars': polars, 'pyarrow': pyarrow, 'spark': spark}
found = {}
for key, line in lines.items():
    try:
        found[key] = opened(line)
    except Exception as error:
        raise RuntimeError(f'{key}: {line}') from error
json.dump(found, sys.stdout)
