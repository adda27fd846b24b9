"""The brightest transients of a week, with DuckDB.

    python3 examples/duckdb_brightest_of_week.py data/lake 20191001

Prints CSV: one row per object, at its brightest in the seven nights from that date, brightest first.
Needs: pip install duckdb
"""

import sys
from datetime import datetime
from pathlib import Path

import duckdb

if len(sys.argv) != 3:
    sys.exit(f"usage: {__doc__.splitlines()[2].strip()}")
lake = sys.argv[1]
if not any(Path(lake).glob("year=*/month=*/day=*/*.parquet")):
    sys.exit(f"{lake} has no alerts: give the folder of a lake, such as data/lake")
try:
    first = datetime.strptime(sys.argv[2].replace("-", ""), "%Y%m%d").date()
except ValueError:
    sys.exit(f"{sys.argv[2]} is not a date such as 20191001")

BRIGHTEST = """
select objectId, round(min(magpsf)::double, 3) as magpsf, arg_min(fid, magpsf) as fid, arg_min(night, magpsf) as night,
       arg_min(candid, magpsf) as candid, round(avg(ra), 6) as ra, round(avg(dec), 6) as dec, count(*) as alerts
from (
    select objectId, candidate.*, make_date(year, month, day) as night
    from read_parquet($files, hive_partitioning = true, hive_types = {year: int, month: int, day: int})
)
where night between $first and $first + 6
  and isdiffpos in ('t', '1')                     -- brighter than the reference
  and (drb > 0.9 or drb is null and rb > 0.65)    -- real; alerts before mid-2019 have no drb
  and coalesce(ssnamenr, 'null') = 'null'         -- no known solar system object; "null" means missing
  and not (sgscore1 > 0.5 and distpsnr1 between 0 and 1.5)  -- not on a star; -999 means missing
group by objectId
order by min(magpsf)
limit 20
"""

# Match only year=*/month=*/day=*: a plain ** would include files outside the partitions.
result = duckdb.execute(BRIGHTEST, {"files": f"{lake}/year=*/month=*/day=*/*.parquet", "first": first})
rows = result.fetchall()
if not rows:
    sys.exit(f"{lake} has no transient in the seven nights from {first}: make sql Q='from nights' shows its nights")
print(",".join(column[0] for column in result.description))
for row in rows:
    print(*row, sep=",")
