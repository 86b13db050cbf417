"""Estimate π on the workers of a cluster."""

import random
from time import perf_counter

from dask.distributed import Client

client = Client("localhost:8786")
DARTS, THROWERS = 3_000_000, 8


# region count_hits
def count_hits(seed: int) -> int:
    """Count the darts that land in the quarter circle."""
    dart = random.Random(seed).random
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))


# endregion count_hits

seeds = range(THROWERS)
start = perf_counter()
# region pi
hits = client.map(count_hits, seeds)
total = client.submit(sum, hits)
pi = 4 * total.result() / DARTS / THROWERS
# endregion pi
seconds = perf_counter() - start

workers = len(client.nthreads())
print(f"π ≈ {pi:.5f}, {workers} workers: {seconds:.2f} s")

assert abs(pi - 3.14159) < 0.001
