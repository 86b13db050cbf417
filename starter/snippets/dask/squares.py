"""Tasks on a Dask cluster; npm start has one."""

# region squares
from dask.distributed import Client

with Client("localhost:8786") as client:
    futures = client.map(pow, range(5), [2] * 5)
    print(client.gather(futures))
# endregion squares
