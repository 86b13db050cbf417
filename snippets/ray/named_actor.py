"""A detached actor outlives its program; others find it by name."""

import logging
from contextlib import suppress

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects


@ray.remote
class LetterTally:
    """Counts letters."""

    count = 0

    def add(self, text: str) -> int:
        """Count a text's letters and return the total."""
        self.count += len(text)
        return self.count


def kill_tally() -> None:
    """End the actor, which nothing else would."""
    with suppress(ValueError):
        ray.kill(ray.get_actor("tally"))


ray.init(namespace="talk")
kill_tally()  # one that an interrupted run left

# region detach
tally = LetterTally.options(name="tally", lifetime="detached").remote()
first = ray.get(tally.add.remote("detached"))  # 8
ray.shutdown()
# endregion detach

# region find
ray.init(namespace="talk")
tally = ray.get_actor("tally")
second = ray.get(tally.add.remote("named"))  # 13
# endregion find

kill_tally()
print(f"first connection:  {first} letters")
print(f"second connection: {second} letters")

assert (first, second) == (8, 13)
