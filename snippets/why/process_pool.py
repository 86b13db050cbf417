"""Two processes have an interpreter each, so they use two cores."""

import os
import random
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

DARTS, THROWERS = 3_000_000, 8


def count_hits(seed: int) -> tuple[int, int]:
    """Count the darts in the quarter circle; say which process did."""
    dart = random.Random(seed).random
    hits = sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))
    return hits, os.getpid()


if __name__ == "__main__":
    start = perf_counter()
    # region processes
    with ProcessPoolExecutor(max_workers=2) as pool:
        counts = list(pool.map(count_hits, range(THROWERS)))
    pi = 4 * sum(hits for hits, _ in counts) / (DARTS * THROWERS)
    # endregion processes
    seconds = perf_counter() - start

    print(f"π ≈ {pi:.5f}, two processes: {seconds:.2f} s")

    pids = {pid for _, pid in counts}
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert abs(pi - 3.14159) < 0.001
