"""Take results as they arrive: `wait` returns the first one done."""

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
