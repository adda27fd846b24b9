"""Spark session of all tests, local and quiet, without any other option but jars."""

from pyspark.sql import SparkSession


def spark_session(jars=()):
    """Session with these jars, as spark-submit --jars would add them."""
    builder = SparkSession.builder.master('local[2]').config('spark.ui.enabled', 'false')
    if jars:
        builder = builder.config('spark.jars', ','.join(jars))
    session = builder.config('spark.ui.showConsoleProgress', 'false').getOrCreate()
    session.sparkContext.setLogLevel('ERROR')
    return session
