"""An actor that dies is made anew: it is there, its state is not."""

import logging
import os
from contextlib import suppress

import ray
from ray.exceptions import RayActorError

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init(log_to_driver=False)


@ray.remote
class LetterTally:
    """Counts letters."""

    count = 0

    def add(self, text: str) -> int:
        """Count a text's letters and return the total."""
        self.count += len(text)
        return self.count

    def crash(self) -> None:
        """End the process, as running out of memory would."""
        os._exit(1)


# region restart
tally = LetterTally.options(max_restarts=1).remote()
before = ray.get(tally.add.remote("precious"))  # 8

with suppress(RayActorError):
    ray.get(tally.crash.remote())

add = tally.add.options(max_task_retries=-1)  # until it is there
after = ray.get(add.remote("ray"))  # 3
# endregion restart

print(f"before: {before} letters")
print(f"after:  {after} letters, not {before + len('ray')}")

assert (before, after) == (8, 3)
