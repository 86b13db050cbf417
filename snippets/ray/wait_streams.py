"""Take results as they arrive: `wait` returns the first one done."""

# snippet: alone

import logging
import os
from time import sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()


@ray.remote
def nap(fifths: int) -> int:
    """Sleep some fifths of a second, then tell how many."""
    sleep(fifths / 5)
    return fifths


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

# region wait
running = [nap.remote(fifths) for fifths in (5, 1, 3, 2)]
arrived = []
while running:
    [done], running = ray.wait(running, num_returns=1)
    arrived.append(ray.get(done))
    print("arrived:", arrived[-1])
# endregion wait

print("submitted: 5, 1, 3, 2")

assert arrived == [1, 3, 5, 2]
