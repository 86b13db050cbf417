"""`put` data once: tasks read it in place, and none may change it."""

import logging

import numpy as np
import ray
from psutil import Process

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()

darts = np.random.default_rng(seed=42).random(5_000_000)
print(f"put:               {darts.nbytes // 10**6} MB")


def own_memory() -> int:
    """Return the bytes that this process shares with no other."""
    memory: int = Process().memory_full_info().uss
    return memory


# region put
stored = ray.put(darts)  # into the object store, once


@ray.remote
def memory_to_read(box: list[ray.ObjectRef]) -> int:
    before = own_memory()
    ray.get(box[0]).sum()
    return own_memory() - before


taken = ray.get(memory_to_read.remote([stored]))
# endregion put
print(f"read by a task:    {round(taken / 10**6)} MB of its own memory")


@ray.remote
def move_a_dart(darts: np.ndarray) -> None:
    """Try to change what all read."""
    darts[0] = 0.5


try:
    ray.get(move_a_dart.remote(stored))
except ValueError as error:
    reason = str(error.cause)
    print("changed by a task:", reason)

assert taken < darts.nbytes / 10
assert reason == "assignment destination is read-only"
