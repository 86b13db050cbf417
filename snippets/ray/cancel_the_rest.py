"""Search in parallel, take the first find, cancel the rest."""

import logging
from hashlib import sha256
from itertools import count

import ray
from ray.exceptions import TaskCancelledError, WorkerCrashedError

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init(log_to_driver=False)


@ray.remote
def find_zeros(word: str) -> str:
    """Number a word until its digest begins with six zeros."""
    for number in count():
        text = f"{word} {number}"
        if sha256(text.encode()).hexdigest().startswith("000000"):
            return text
    raise AssertionError("unreachable: count() never ends")


def was_cancelled(search: ray.ObjectRef) -> bool:
    """Wait for a search and tell whether it was cancelled."""
    try:
        ray.get(search)
    except (TaskCancelledError, WorkerCrashedError):
        return True
    return False


# region cancel
words = ("dask", "pi", "ray", "numpy")
searches = [find_zeros.remote(word) for word in words]

[winner], rest = ray.wait(searches)
found = ray.get(winner)  # 'pi 1592565'
for search in rest:
    ray.cancel(search, force=True)  # even if it runs
# endregion cancel

cancelled = sum(map(was_cancelled, rest))
print(f"found first: {found}")
print(f"cancelled:   {cancelled} searches")

assert found == "pi 1592565"
assert cancelled == 3
