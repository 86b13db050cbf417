"""Kill a worker halfway: the task it had runs again on another."""

import logging
import os
import signal
from time import sleep

import ray
from ray.util.scheduling_strategies import (
    NodeAffinitySchedulingStrategy,
)

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init(log_to_driver=False)


@ray.remote  # retried three times if its worker dies
def square_slowly(num: int) -> tuple[int, tuple[str, int]]:
    """Square a number, a tenth of a second later, and say where."""
    sleep(0.1)
    node = ray.get_runtime_context().get_node_id()
    return num * num, (node, os.getpid())


@ray.remote(num_cpus=0)
class Saboteur:
    """Ends processes as if their machine lost power."""

    def kill(self, pid: int) -> None:
        """End a process."""
        os.kill(pid, signal.SIGKILL)


saboteurs = {}
for node in (node["NodeID"] for node in ray.nodes() if node["Alive"]):
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    saboteurs[node] = Saboteur.options(
        scheduling_strategy=there
    ).remote()
ray.get([s.__ray_ready__.remote() for s in saboteurs.values()])

# region kill
running = [square_slowly.remote(num) for num in range(24)]
results = []
while running:
    [done], running = ray.wait(running)
    results.append(ray.get(done))
    print("#", end="", flush=True)
    if len(results) == 6:
        _, (node, pid) = results[-1]
        ray.get(saboteurs[node].kill.remote(pid))
        print(" worker killed ", end="", flush=True)
# endregion kill

squares, workers = zip(*results, strict=True)
print(f"\n{len(squares)} tasks, sum of squares {sum(squares)}")

assert sum(squares) == sum(num * num for num in range(24)) == 4324
assert workers[-1] != (node, pid)
