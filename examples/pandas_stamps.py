"""The stamps of a night as one NumPy array, with pandas and astropy, for example to train a classifier.

    python3 examples/pandas_stamps.py data/lake 20191003 stamps.npz

Writes `candid` (n) and `stamps` (n, 3, 63, 63): science, template, difference. Pixels without a value are NaN. A stamp
truncated at the edge of a detector is smaller: it starts at index (0, 0), and the rest is NaN.
Needs: pip install pandas pyarrow astropy
"""

import gzip
import io
import sys
import warnings
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits

SIDE = 63
CUTOUTS = ["cutoutScience", "cutoutTemplate", "cutoutDifference"]

# The first header card of each stamp violates the FITS standard; do not let astropy warn about every stamp.
warnings.simplefilter("ignore", fits.verify.VerifyWarning)


def read_stamp(cutout):
    """Read a stamp (gzipped FITS) into a SIDE x SIDE array."""
    image = np.full((SIDE, SIDE), np.nan, dtype=np.float32)
    if cutout is not None:
        with fits.open(io.BytesIO(gzip.decompress(cutout["stampData"])), ignore_missing_simple=True) as hdus:
            height, width = hdus[0].data.shape
            image[:height, :width] = hdus[0].data
    image[np.abs(image) > 1e30] = np.nan  # templates are -3.4e38 outside the reference image
    return image


if len(sys.argv) != 4:
    sys.exit(f"usage: {__doc__.splitlines()[2].strip()}")
lake, out = sys.argv[1], sys.argv[3]
if not any(Path(lake).glob("year=*/month=*/day=*/*.parquet")):
    sys.exit(f"{lake} has no alerts: give the folder of a lake, such as data/lake")
try:
    night = datetime.strptime(sys.argv[2].replace("-", ""), "%Y%m%d").date()
except ValueError:
    sys.exit(f"{sys.argv[2]} is not a date such as 20191003")
if not Path(out).parent.is_dir():
    sys.exit(f"{Path(out).parent} is not a folder: create it first")
alerts = pd.read_parquet(
    lake,
    columns=["candid", *CUTOUTS],
    # The partition columns are integers: month=01 is 1.
    filters=[("year", "==", night.year), ("month", "==", night.month), ("day", "==", night.day)],
)
if alerts.empty:
    sys.exit(f"{lake} has no alert of {night}: make sql Q='from nights' shows its nights")
stamps = np.stack([[read_stamp(cutout) for cutout in alert] for alert in alerts[CUTOUTS].itertuples(index=False)])
np.savez_compressed(out, candid=alerts["candid"].to_numpy(), stamps=stamps)
print(f"{stamps.shape} {stamps.dtype}, {np.isnan(stamps).mean():.1%} of the pixels without a value")
