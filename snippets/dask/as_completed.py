"""Take results as they arrive; each makes room for another task."""

# snippet: alone

from time import perf_counter, sleep

from dask.distributed import Client, as_completed

client = Client("localhost:8786")


def nap(seconds: float) -> float:
    """Sleep, then tell how long."""
    sleep(seconds)
    return seconds


start = perf_counter()
# region as_completed
naps = client.map(nap, [1.0, 0.2])
later, arrived = [0.6, 0.4], []
running = as_completed(naps)
for future in running:
    arrived.append(future.result())
    more, later = later[:1], later[1:]
    running.update(client.map(nap, more))
    # endregion as_completed
    clock = perf_counter() - start
    print(f"nap of {arrived[-1]} s: back at {clock:.2f} s")

# One of two workers naps for 1.0 s; the other does 0.2, then 0.6.
assert arrived == [0.2, 0.6, 1.0, 0.4]
