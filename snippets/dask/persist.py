"""Keep what was computed in the memory of the workers."""

# snippet: alone

from time import perf_counter

import dask.array as da
from dask.distributed import Client, wait

client = Client("localhost:8786")

# region persist
x = da.random.default_rng(42).normal(size=(8_000, 4_000), chunks=2_000)
ones = da.sin(x) ** 2 + da.cos(x) ** 2
start = perf_counter()
computed = ones.mean().compute()
from_scratch = perf_counter() - start

ones = ones.persist()  # the workers compute it, and keep it
wait(ones)
start = perf_counter()
kept = ones.mean().compute()
from_memory = perf_counter() - start
# endregion persist

print(f"mean {computed:.4f}, from scratch: {from_scratch:.2f} s")
print(f"mean {kept:.4f}, from memory:  {from_memory:.2f} s")

assert round(float(computed), 6) == round(float(kept), 6) == 1
assert from_memory < from_scratch
