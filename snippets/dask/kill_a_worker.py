"""Kill a worker halfway: its tasks run again on the other one."""

import os
import signal
from time import sleep

from dask.distributed import Client, as_completed

client = Client("localhost:8786")


def square(num: int) -> int:
    """Square a number, a tenth of a second later."""
    sleep(0.1)
    return num * num


# region deed
def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    # endregion deed


def worker_pids() -> dict[str, int]:
    """Return the process id of every worker, by its address."""
    return client.run(os.getpid, on_error="ignore")


def show(text: str) -> None:
    """Print in one line what comes one after the other."""
    print(text, end="", flush=True)


def kill_worker(address: str) -> None:
    """Let a worker die as the OOM killer ends it: by SIGKILL."""
    client.run(die, workers=[address], on_error="ignore")
    show(" worker killed ")


before = worker_pids()
victim = sorted(before)[0]

numbers = range(24)
# region kill
squares = client.map(square, numbers)
running = as_completed(squares)
for done, _ in enumerate(running, 1):
    show("#")
    if done == 6:
        kill_worker(victim)
total = sum(client.gather(squares))  # 4324
# endregion kill

print(f"\n24 tasks, sum of squares {total}")
after = worker_pids()
while len(after) < len(before) or victim in after:
    sleep(0.1)
    after = worker_pids()
print(f"the nanny started another worker: {len(after)} workers")

assert total == sum(num * num for num in numbers) == 4324
