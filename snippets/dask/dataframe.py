"""A query is planned first: only the needed columns are made."""

import dask
from dask.distributed import Client

client = Client("localhost:8786")

# region dataframe
events = dask.datasets.timeseries(seed=42)  # a pandas table per day
rows_by_name = events.groupby("name").x.count()

plan = rows_by_name.optimize(fuse=False).expr
*_, source = plan.walk()
columns_read = source.columns  # ['name', 'x']
# endregion dataframe

counted = rows_by_name.compute()
steps = [type(step).__name__ for step in plan.walk()]
print("the table:", ", ".join(events.columns))
print("it reads: ", ", ".join(columns_read))
print("exchange: ", *(step for step in steps if "Shuffle" in step))
print(f"counted:   {counted.sum():,} rows, {len(counted)} names")

assert columns_read == ["name", "x"]
assert counted.sum() == 30 * 24 * 60 * 60
