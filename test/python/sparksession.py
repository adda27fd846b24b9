"""Spark session of all tests, local and quiet, without any other option."""

from pyspark.sql import SparkSession


def spark_session():
    builder = SparkSession.builder.master('local[2]').config('spark.ui.enabled', 'false')
    session = builder.config('spark.ui.showConsoleProgress', 'false').getOrCreate()
    session.sparkContext.setLogLevel('ERROR')
    return session
