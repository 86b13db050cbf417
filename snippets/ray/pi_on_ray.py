"""Estimate π with the darts thrown on a Ray cluster."""

import logging
import random
from time import perf_counter, sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()

DARTS, THROWERS = 3_000_000, 8


# region count_hits
def count_hits(seed: int) -> int:
    """Count the darts that land in the quarter circle."""
    dart = random.Random(seed).random
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(DARTS))


# endregion count_hits


@ray.remote
def own_id(seconds: float) -> str:
    """Tell which worker was busy for so long."""
    sleep(seconds)
    return ray.get_runtime_context().get_worker_id()


def wake_two_workers() -> None:
    """Return once two have answered; idle ones may be ended."""
    awake, seconds = set(), 0.1
    while len(awake) < 2:  # too short, one worker does both
        awake |= set(ray.get([own_id.remote(seconds) for _ in "ab"]))
        seconds *= 2


wake_two_workers()
seeds = range(THROWERS)
start = perf_counter()
# region pi
throw = ray.remote(count_hits)
hits = [throw.remote(one) for one in seeds]
total = sum(ray.get(hits))
pi = 4 * total / DARTS / THROWERS
# endregion pi
seconds = perf_counter() - start

cores = ray.cluster_resources()["CPU"]
print(f"π ≈ {pi:.5f}, {cores:.0f} CPUs: {seconds:.2f} s")

assert abs(pi - 3.14159) < 0.001
