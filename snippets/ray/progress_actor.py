"""Tasks tell an actor how far they are; the program asks it."""

import logging
from time import sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()
TASKS, STEPS = 4, 10


# region progress
@ray.remote(num_cpus=0)  # placed where no core is free
class Progress:
    steps = 0

    def advance(self) -> None:
        self.steps += 1

    def done(self) -> int:
        return self.steps


# endregion progress


@ray.remote
def work(progress: Progress) -> None:
    """Work in small steps and report each."""
    for _ in range(STEPS):
        sleep(0.1)
        progress.advance.remote()


progress = Progress.remote()
tasks = [work.remote(progress) for _ in range(TASKS)]
# region watch
done = 0
while done < TASKS * STEPS:
    sleep(0.1)
    done = ray.get(progress.done.remote())
    print(f"\r{'#' * done:.<40} {done} of 40", end="", flush=True)
# endregion watch

print()
ray.get(tasks)

assert ray.get(progress.done.remote()) == done == 40
