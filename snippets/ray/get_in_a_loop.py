"""Ask for results last: a `get` in the loop waits for each task."""

# snippet: alone

import logging
from time import perf_counter, sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()


@ray.remote
def nap(seconds: float) -> float:
    """Sleep, then tell how long."""
    sleep(seconds)
    return seconds


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
start = perf_counter()

# region one_by_one
# Wrong: each nap waits for the one before.
slept = [ray.get(nap.remote(0.5)) for _ in range(4)]
# endregion one_by_one

one_by_one = perf_counter() - start
wake_two_workers()
start = perf_counter()

# region together
# Right: all have begun before anything waits.
futures = [nap.remote(0.5) for _ in range(4)]
slept = ray.get(futures)  # [0.5, 0.5, 0.5, 0.5]
# endregion together

together = perf_counter() - start
print(f"get in the loop:    {one_by_one:.2f} s")
print(f"get after the loop: {together:.2f} s")

assert slept == [0.5] * 4
assert one_by_one > 2.0
assert together < 0.8 * one_by_one
