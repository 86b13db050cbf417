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
def square(num: int) -> tuple[int, tuple[str, int]]:
    """Square a number, a tenth of a second later, and say where."""
    sleep(0.1)
    node = ray.get_runtime_context().get_node_id()
    return num * num, (node, os.getpid())


# region deed
@ray.remote(num_cpus=0)
class Saboteur:
    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        # endregion deed


saboteurs = {}
for node in (node["NodeID"] for node in ray.nodes() if node["Alive"]):
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    saboteurs[node] = Saboteur.options(
        scheduling_strategy=there
    ).remote()
ray.get([s.__ray_ready__.remote() for s in saboteurs.values()])


def show(text: str) -> None:
    """Print in one line what comes one after the other."""
    print(text, end="", flush=True)


def kill_worker_of(result: tuple[int, tuple[str, int]]) -> None:
    """End who made a result as the OOM killer does: by SIGKILL."""
    _, (node, pid) = result
    ray.get(saboteurs[node].kill.remote(pid))
    show(" worker killed ")


numbers = range(24)
# region kill
tasks = [square.remote(n) for n in numbers]
results = []
while tasks:
    [done], tasks = ray.wait(tasks)
    results.append(ray.get(done))
    show("#")
    if len(results) == 6:
        kill_worker_of(results[-1])
# endregion kill

squares, workers = zip(*results, strict=True)
print(f"\n{len(squares)} tasks, sum of squares {sum(squares)}")

assert sum(squares) == sum(num * num for num in numbers) == 4324
assert workers[-1] != workers[5]
