"""Watch tasks finish: a bar in the terminal, a page in the browser."""

from time import sleep

from dask.distributed import Client, progress

client = Client("localhost:8786")


def nap(tenths: int) -> int:
    """Sleep some tenths of a second."""
    sleep(tenths / 10)
    return tenths


def add(one: int, other: int) -> int:
    """Add two numbers, slowly enough to be seen."""
    sleep(0.1)
    return one + other


# region progress
print("dashboard:", client.dashboard_link)
naps = client.map(nap, [1, 2, 1, 3] * 6, pure=False)
pairs = client.map(add, naps[::2], naps[1::2])
progress(pairs)
# endregion progress
finished = sum(future.status == "finished" for future in pairs)
print(f"finished:  {finished} of {len(pairs)} pairs")

assert client.gather(pairs) == [3, 4] * 6
