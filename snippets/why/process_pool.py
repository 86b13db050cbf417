"""Two processes have an interpreter each, so they use two cores."""

# snippet: alone

import random
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter, process_time

DARTS, THROWERS = 3_000_000, 8


def count_hits(seed: int) -> int:
    """Count the darts that land in the quarter circle."""
    dart = random.Random(seed).random
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))


if __name__ == "__main__":
    start, cpu_start = perf_counter(), process_time()
    # region processes
    with ProcessPoolExecutor(max_workers=2) as pool:
        hits = sum(pool.map(count_hits, range(THROWERS)))
    pi = 4 * hits / (DARTS * THROWERS)
    # endregion processes
    seconds = perf_counter() - start
    own_seconds = process_time() - cpu_start

    print(f"π ≈ {pi:.5f}, two processes: {seconds:.2f} s")

    # This process only waited: others did the work.
    assert own_seconds < 0.3 * seconds
    assert abs(pi - 3.14159) < 0.001
