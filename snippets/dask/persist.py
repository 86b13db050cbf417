"""Keep what was computed in the memory of the workers."""

from time import perf_counter

import dask.array as da
from dask.distributed import Client, wait

client = Client("localhost:8786")

# region persist
random = da.random.default_rng(seed=42)
x = random.normal(size=(8_000, 4_000), chunks=(2_000, 2_000))
lazy = da.sin(x) ** 2 + da.cos(x) ** 2
kept = lazy.persist()  # runs in the background
# endregion persist
wait(kept)


def mean_in_seconds(array: da.Array) -> tuple[float, float]:
    """Return the mean and the seconds that it took."""
    start = perf_counter()
    mean = float(array.mean().compute())
    return mean, perf_counter() - start


kept_mean, kept_seconds = mean_in_seconds(kept)
lazy_mean, lazy_seconds = mean_in_seconds(lazy)
print(f"kept on workers: {kept_mean:.4f} in {kept_seconds:.2f} s")
print(f"computed again:  {lazy_mean:.4f} in {lazy_seconds:.2f} s")

assert round(lazy_mean, 4) == round(kept_mean, 4) == 1.0
assert kept_seconds < lazy_seconds
