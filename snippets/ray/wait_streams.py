"""Take results as they arrive: `wait` returns the first one done."""

# snippet: alone

import logging
import os
from time import perf_counter, sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()


@ray.remote
def nap(seconds: float) -> float:
    """Sleep, then tell how long."""
    sleep(seconds)
    return seconds


@ray.remote(scheduling_strategy="SPREAD")  # over machines
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
# region wait
naps = 1.0, 0.2, 0.6, 0.4
running = [nap.remote(one) for one in naps]
arrived = []
while running:
    [done], running = ray.wait(running)
    arrived.append(ray.get(done))
    # endregion wait
    clock = perf_counter() - start
    print(f"nap of {arrived[-1]} s: back at {clock:.2f} s")

# One of two workers naps for 1.0 s; the other does 0.2, then 0.6.
assert arrived == [0.2, 0.6, 1.0, 0.4]
