"""Estimate π in one process by throwing darts at a square."""

import random
from time import perf_counter

DARTS, THROWERS = 3_000_000, 8


# region count_hits
def count_hits(seed: int) -> int:
    """Count the darts that land in the quarter circle."""
    dart = random.Random(seed).random
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))


# endregion count_hits

start = perf_counter()
# region estimate
hits = sum(map(count_hits, range(THROWERS)))
pi = 4 * hits / (DARTS * THROWERS)
# endregion estimate
seconds = perf_counter() - start

print(f"π ≈ {pi:.5f}, one process: {seconds:.2f} s")

assert abs(pi - 3.14159) < 0.001
