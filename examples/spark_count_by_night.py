"""Alerts and objects per night and band, with Spark.

    spark-submit examples/spark_count_by_night.py data/lake 2019      # or: python3, with pyspark installed

Prints CSV. Spark opens only the folders of that year, and reads only the two columns it needs.
Needs: pip install pyspark, and Java
"""

import sys
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

if len(sys.argv) != 3 or not sys.argv[2].isdigit():
    sys.exit(f"usage: {__doc__.splitlines()[2].strip()}")
lake, year = sys.argv[1], int(sys.argv[2])
if not any(Path(lake).glob("year=*/month=*/day=*/*.parquet")):
    sys.exit(f"{lake} has no alerts: give the folder of a lake, such as data/lake")
spark = SparkSession.builder.appName("count by night").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

counts = (
    spark.read.parquet(lake)
    .where(f.col("year") == year)  # a partition column: other folders are not opened
    .withColumn("night", f.make_date("year", "month", "day"))
    .withColumn("band", f.element_at(f.array(*map(f.lit, "gri")), f.col("candidate.fid")))  # fid 1, 2, 3
    .groupBy("night", "band")
    .agg(f.count("*").alias("alerts"), f.countDistinct("objectId").alias("objects"))
    .orderBy("night", "band")
)

rows = counts.collect()
spark.stop()
if not rows:
    sys.exit(f"{lake} has no alert of {year}: make sql Q='from nights' shows its nights")
print("night,band,alerts,objects")
for row in rows:
    print(row.night, row.band, row.alerts, row.objects, sep=",")
