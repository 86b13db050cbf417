"""Ask for results last: a `get` in the loop waits for each task."""

import logging
from time import perf_counter, sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init("ray://localhost:10001")


@ray.remote
def nap(seconds: float) -> float:
    """Sleep, then tell how long."""
    sleep(seconds)
    return seconds


ray.get([nap.remote(0), nap.remote(0)])  # start both workers
start = perf_counter()

# region one_by_one
slept = [ray.get(nap.remote(0.5)) for _ in range(4)]
# endregion one_by_one

one_by_one, start = perf_counter() - start, perf_counter()

# region together
futures = [nap.remote(0.5) for _ in range(4)]
slept = ray.get(futures)  # [0.5, 0.5, 0.5, 0.5]
# endregion together

together = perf_counter() - start
print(f"get in the loop:    {one_by_one:.2f} s")
print(f"get after the loop: {together:.2f} s")

assert slept == [0.5] * 4
assert one_by_one > 2.0
assert together < 0.8 * one_by_one
