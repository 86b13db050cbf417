"""A query is planned first: only the needed columns are made."""

# snippet: terminal 76x24

from contextlib import redirect_stdout
from io import StringIO

import dask
from dask.distributed import Client

client = Client("localhost:8786")

# region dataframe
columns = {"name": "string", "id": int, "x": float, "y": float}
events = dask.datasets.timeseries(dtypes=columns, seed=42)
rows_by_name = events.groupby("name").x.count(split_out=1)

rows_by_name.optimize(fuse=False).pprint()
counted = rows_by_name.compute()
# endregion dataframe

print(f"{counted.sum():,} rows, {len(counted)} names")

with redirect_stdout(StringIO()) as plan:
    rows_by_name.optimize(fuse=False).pprint()
assert "columns=['name', 'x']" in plan.getvalue()
assert counted.sum() == 30 * 24 * 60 * 60
