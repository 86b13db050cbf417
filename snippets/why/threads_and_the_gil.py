"""Two threads share one interpreter lock, so they share one core."""

# snippet: alone

import random
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time

DARTS, THROWERS = 3_000_000, 8


def count_hits(seed: int) -> int:
    """Count the darts that land in the quarter circle."""
    dart = random.Random(seed).random
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))


start, cpu_start = perf_counter(), process_time()
# region threads
with ThreadPoolExecutor(max_workers=2) as pool:
    hits = sum(pool.map(count_hits, range(THROWERS)))
pi = 4 * hits / (DARTS * THROWERS)
# endregion threads
seconds = perf_counter() - start
cores = (process_time() - cpu_start) / seconds

print(f"π ≈ {pi:.5f}, two threads: {seconds:.2f} s")
print("cores kept busy: no more than", max(1, round(cores)))

assert cores < 1.3
assert abs(pi - 3.14159) < 0.001
