"""Keep what was computed in the memory of the workers."""

# snippet: alone

from time import perf_counter

import dask.array as da
from dask.distributed import Client, wait

client = Client("localhost:8786")


def seconds_for_mean(array: da.Array) -> float:
    """Return how long it takes to compute the mean, which is 1."""
    start = perf_counter()
    mean = array.mean().compute()
    seconds = perf_counter() - start
    assert round(float(mean), 6) == 1
    return seconds


random = da.random.default_rng(seed=42)
x = random.normal(size=(8_000, 4_000), chunks=(2_000, 2_000))

# region persist
ones = da.sin(x) ** 2 + da.cos(x) ** 2
from_scratch = seconds_for_mean(ones)

ones = ones.persist()  # the workers compute it, and keep it
wait(ones)
from_memory = seconds_for_mean(ones)
# endregion persist

print(f"mean, from scratch: {from_scratch:.2f} s")
print(f"mean, from memory:  {from_memory:.2f} s")

assert from_memory < from_scratch
