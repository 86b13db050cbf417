"""Kill a worker halfway: the task it had runs again on another."""

import logging
import os
import signal
from time import sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init(log_to_driver=False)


@ray.remote  # retried three times if its worker dies
def square_slowly(num: int) -> tuple[int, int]:
    """Square a number, a tenth of a second later, and say where."""
    sleep(0.1)
    return num * num, os.getpid()


@ray.remote(num_cpus=0)
class Saboteur:
    """Ends processes as if their machine lost power."""

    def kill(self, pid: int) -> None:
        """End a process."""
        os.kill(pid, signal.SIGKILL)


saboteur = Saboteur.remote()
ray.get(saboteur.__ray_ready__.remote())

# region kill
running = [square_slowly.remote(num) for num in range(24)]
results = []
while running:
    [done], running = ray.wait(running)
    results.append(ray.get(done))
    print("█", end="", flush=True)
    if len(results) == 6:
        _, victim = results[-1]
        ray.get(saboteur.kill.remote(victim))
        print(" worker killed ", end="", flush=True)
# endregion kill

squares, pids = zip(*results, strict=True)
print(f"\n{len(squares)} tasks, sum of squares {sum(squares)}")

assert sum(squares) == sum(num * num for num in range(24)) == 4324
assert pids[-1] != victim
