"""Estimate π with the darts thrown on a Ray cluster."""

import logging
import os
import random
from time import perf_counter, sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()

DARTS, THROWERS = 3_000_000, 8


@ray.remote
def own_pid() -> int:
    """Take long enough that two workers share two of these."""
    sleep(0.1)
    return os.getpid()


def wake_two_workers() -> None:
    """Return once two have answered; idle ones may be ended."""
    awake = set()
    while len(awake) < 2:
        awake |= set(ray.get([own_pid.remote(), own_pid.remote()]))


wake_two_workers()
start = perf_counter()


# region pi
@ray.remote
def count_hits(seed: int) -> int:
    dart = random.Random(seed).random
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))


hits = ray.get([count_hits.remote(seed) for seed in range(THROWERS)])
pi = 4 * sum(hits) / (DARTS * THROWERS)
# endregion pi

seconds = perf_counter() - start
print(f"π ≈ {pi:.5f}, Ray: {seconds:.2f} s")

assert abs(pi - 3.14159) < 0.001
