"""The light curve of one object across years, with Polars.

    python3 examples/polars_light_curve.py data/lake ZTF18aaiscil

Prints CSV: every detection once, and every 5-sigma limit. Each alert lists the exposures of the previous 30 days, so
the light curve includes exposures without an alert.
Needs: pip install polars
"""

import sys
from pathlib import Path

import polars as pl

if len(sys.argv) != 3:
    sys.exit(f"usage: {__doc__.splitlines()[2].strip()}")
lake, object_id = sys.argv[1:3]
if not any(Path(lake).glob("year=*/month=*/day=*/*.parquet")):
    sys.exit(f"{lake} has no alerts: give the folder of a lake, such as data/lake")

FIELDS = ["jd", "fid", "candid", "magpsf", "sigmapsf", "isdiffpos", "diffmaglim"]

# Polars reads only the selected columns, not the stamps, which are most of the data.
alerts = (
    pl.scan_parquet(f"{lake}/year=*/month=*/day=*/*.parquet", hive_partitioning=True)
    .filter(pl.col("objectId") == object_id)
    .select("candidate", "prv_candidates")
    .collect()
)

if alerts.is_empty():
    sys.exit(f"{lake} has no alert of {object_id}")


def fields_of(record):
    return [record.struct.field(name) for name in FIELDS]


candidates = alerts.select(fields_of(pl.col("candidate")))
earlier = alerts.select(pl.col("prv_candidates").explode()).drop_nulls().select(fields_of(pl.col("prv_candidates")))

exposures = pl.concat([candidates, earlier]).unique(["jd", "fid", "candid"])
detected = exposures.filter(pl.col("candid").is_not_null())
# An exposure may be a limit in an older alert and a detection in a newer one.
limits = exposures.filter(pl.col("candid").is_null()).join(detected, on=["jd", "fid"], how="anti")

curve = pl.concat([detected, limits]).sort("jd", "fid", "candid").with_columns(
    (pl.col("jd") - 2400000.5).round(6).alias("mjd"),
    pl.col("fid").replace_strict({1: "g", 2: "r", 3: "i"}).alias("band"),
)
print(curve.select("mjd", "band", "magpsf", "sigmapsf", "isdiffpos", "diffmaglim", "candid").write_csv(), end="")
