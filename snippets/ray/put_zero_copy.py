"""`put` data once: tasks read it in place, and none may change it."""

import logging

import numpy as np
import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()

darts = np.random.default_rng(seed=42).random(5_000_000)
print(f"put: {darts.nbytes // 10**6} MB")

# region put
stored = ray.put(darts)  # into the object store, once


@ray.remote
def has_a_copy(darts: np.ndarray) -> bool:
    return darts.flags.owndata


copied = ray.get(has_a_copy.remote(stored))  # False
# endregion put


@ray.remote
def move_a_dart(darts: np.ndarray) -> None:
    """Try to change what all read."""
    darts[0] = 0.5


print("copied for the task:", copied)
try:
    ray.get(move_a_dart.remote(stored))
except ValueError as error:
    reason = str(error.cause)
    print("changed by a task: ", reason)

assert not copied
assert reason == "assignment destination is read-only"
