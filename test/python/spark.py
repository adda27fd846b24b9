"""Reads whole lakes with Spark, at their roots and without options: `python spark.py WHERE LARGE LAKE...`.

Prints JSON: for each LAKE its schema, every alert in the columns of the truth table (test/support/truth-rows.ts), and
the plan of a query with the condition WHERE; for the lake LARGE its totals, read by default and with smaller splits.
"""

import json
import sys

from pyspark.sql.functions import col, count, sum

from sparksession import spark_session

COLUMNS = [
    "concat(year, lpad(month, 2, '0'), lpad(day, 2, '0')) night",
    'string(candid) candid',
    'objectId',
    'schemavsn',
    *[f'candidate.{name}' for name in ('jd', 'magpsf', 'rb', 'drb', 'exptime', 'isdiffpos', 'ssnamenr')],
    'string(candidate.objectidps1)',
    'array_size(prv_candidates) n_prv',
    'array_size(fp_hists) n_fp',
    *[f'left(sha1(cutout{name}.stampData), 16)' for name in ('Science', 'Template', 'Difference')],
]
# A file of more bytes is read by several tasks.
MAX_PARTITION_BYTES = 16 << 20
SUMMED = {'candids': 'candid', 'hashes': 'xxhash64(*)'}
# Index of the columns with sums over prv_candidates.
SUMS_AT = 13


def truth_rows(lake):
    """Every alert in the columns of the truth table."""
    alerts = spark.read.parquet(lake)
    before = alerts.selectExpr(*COLUMNS[:2], 'explode(prv_candidates) before').groupBy('night', 'candid')
    sums = before.agg(count(col('before.candid')), sum(col('before.magpsf'))).collect()
    sums_of = {(night, candid): [detections, magpsf_sum or 0] for night, candid, detections, magpsf_sum in sums}
    rows = [list(row) for row in alerts.selectExpr(*COLUMNS).collect()]
    return [row[:SUMS_AT] + sums_of.get(tuple(row[:2]), [0, 0]) + row[SUMS_AT:] for row in rows]


def one_night(lake, where):
    """The plan of a query of one night, and the number of files that it read."""
    night = spark.read.parquet(lake).where(where).select('candid')
    rows = night.count()
    night.collect()
    plan = night._jdf.queryExecution().executedPlan()
    scan = plan.collectLeaves().head()
    return {'rows': rows, 'plan': plan.toString(), 'files': scan.metrics().apply('numFiles').value()}


def future(lake):
    """Numbers of alerts and of candidates with a value in the field that only the newest night has."""
    alerts = spark.read.parquet(lake)
    if 'future' not in alerts.columns:
        return []
    return [alerts.where(f'{name} is not null').count() for name in ('future', 'candidate.future')]


def totals(lake):
    """Number of alerts, sums of their candids and of hashes of whole alerts, and the number of tasks that read them."""
    alerts = spark.read.parquet(lake)
    sums = [f'string(sum(cast({value} as decimal(20)))) {name}' for name, value in SUMMED.items()]
    return alerts.selectExpr('count(*) rows', *sums).first().asDict() | {'tasks': alerts.rdd.getNumPartitions()}


spark = spark_session()
where, large, *lakes = sys.argv[1:]
found = [
    {
        'types': dict(spark.read.parquet(lake).dtypes),
        'rows': truth_rows(lake),
        'files': len(spark.read.parquet(lake).inputFiles()),
        'future': future(lake),
        'night': one_night(lake, where),
    }
    for lake in lakes
]
whole = totals(large)
spark.conf.set('spark.sql.files.maxPartitionBytes', MAX_PARTITION_BYTES)
json.dump({'lakes': found, 'whole': whole, 'split': totals(large)}, sys.stdout)
