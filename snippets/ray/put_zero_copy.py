"""`put` data once: tasks read it in place, so none may change it."""

import logging

import numpy as np
import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init("ray://localhost:10001")

# region put
darts = np.random.default_rng(seed=42).random(5_000_000)
stored = ray.put(darts)  # sent to the object store, once


@ray.remote
def move_a_dart(darts: np.ndarray) -> tuple[bool, str]:
    try:
        darts[0] = 0.5
    except ValueError as error:
        return darts.flags.owndata, str(error)


copied, refusal = ray.get(move_a_dart.remote(stored))
# endregion put

print(f"stored:  {darts.nbytes // 10**6} MB")
print(f"copied:  {copied}")
print(f"writing: {refusal}")

assert not copied
assert refusal == "assignment destination is read-only"
