"""A job: a thousand small tasks, counted by process."""

import logging
import os
from collections import Counter
from time import sleep

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects

# region script
ray.init()  # finds the cluster it runs on


@ray.remote
def worker_pid() -> int:
    sleep(0.002)  # small, yet long enough for both CPUs to join in
    return os.getpid()


pids = ray.get([worker_pid.remote() for _ in range(1_000)])
tasks_per_process = Counter(pids)
# endregion script

nodes = [node for node in ray.nodes() if node["Alive"]]
cpus = ray.cluster_resources()["CPU"]
print(f"cluster: {len(nodes)} node, {cpus:.0f} CPUs")
print(f"tasks done: {tasks_per_process.total()}")
print(f"by processes: {len(tasks_per_process)}")

assert tasks_per_process.total() == 1_000
assert len(tasks_per_process) >= cpus
