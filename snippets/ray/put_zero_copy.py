"""`put` data once: tasks read it in place, so none may change it."""

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
def move_a_dart(darts: np.ndarray) -> None:
    darts[0] = 0.5


try:
    ray.get(move_a_dart.remote(stored))
except ValueError as error:
    print("refused:", error.cause)
# endregion put


@ray.remote
def is_a_copy(darts: np.ndarray) -> bool:
    """Tell whether the array has memory of its own."""
    return darts.flags.owndata


copied = ray.get(is_a_copy.remote(stored))
print("copied for the task:", copied)

assert not copied
