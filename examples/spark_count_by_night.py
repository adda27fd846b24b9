"""Alerts and objects of each night in each band, by Spark.

    spark-submit examples/spark_count_by_night.py data/lake 2019      # or: python3, with pyspark installed

Prints CSV. Only the folders of that year are opened, and of their files two columns are read.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

lake, year = sys.argv[1], int(sys.argv[2])
spark = SparkSession.builder.appName("count by night").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

counts = (
    spark.read.parquet(lake)
    .where(f.col("year") == year)  # year, month and day are the lake's folders: others are not looked into
    .withColumn("night", f.make_date("year", "month", "day"))
    .withColumn("band", f.element_at(f.array(*map(f.lit, "gri")), f.col("candidate.fid")))  # fid 1 is g, 2 r, 3 i
    .groupBy("night", "band")
    .agg(f.count("*").alias("alerts"), f.countDistinct("objectId").alias("objects"))
    .orderBy("night", "band")
)

print("night,band,alerts,objects")
for row in counts.collect():
    print(row.night, row.band, row.alerts, row.objects, sep=",")
spark.stop()
