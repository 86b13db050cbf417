"""Kill a worker halfway: its tasks run again on the other one."""

import os
import signal
from time import sleep

from dask.distributed import Client, as_completed

client = Client("localhost:8786")


def square_slowly(num: int) -> int:
    """Square a number, a tenth of a second later."""
    sleep(0.1)
    return num * num


def worker_pids() -> dict[str, int]:
    """Return the process id of every worker, by its address."""
    return client.run(os.getpid, on_error="ignore")


def kill_worker(address: str) -> None:
    """Let a worker end itself as if its machine lost power."""
    client.run(
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        workers=[address],
        on_error="ignore",
    )


before = worker_pids()
victim = sorted(before)[0]

# region kill
numbers = client.map(square_slowly, range(24))
for done, _ in enumerate(as_completed(numbers), start=1):
    print("#", end="", flush=True)
    if done == 6:
        kill_worker(victim)
        print(" worker killed ", end="", flush=True)
total = sum(client.gather(numbers))  # 4324
# endregion kill

print(f"\n24 tasks, sum of squares {total}")
after = worker_pids()
while len(after) < len(before) or victim in after:
    sleep(0.1)
    after = worker_pids()
print(f"the nanny started another worker: {len(after)} workers")

assert total == sum(num * num for num in range(24)) == 4324
