"""Watch tasks finish: a bar in the terminal, a page in the browser."""

from time import sleep

from dask.distributed import Client, progress

client = Client("localhost:8786")


def nap(tenths: int) -> int:
    """Sleep some tenths of a second."""
    sleep(tenths / 10)
    return tenths


# region progress
print("dashboard:", client.dashboard_link)
naps = client.map(nap, [1, 2, 1, 3] * 6, pure=False)
progress(naps)
# endregion progress
finished = sum(future.status == "finished" for future in naps)
print(f"finished:  {finished} of {len(naps)} naps")

assert finished == 24
