"""Cut off a host: what it held is computed again on the other one."""

# snippet: needs namespaces, alone

import subprocess
from collections.abc import Iterable
from socket import gethostname
from time import sleep

from dask.distributed import Client, Future, as_completed
from three_hosts import continue_on_head

# region cluster
HEAD = "dask scheduler"
WORKER = "dask worker head:8786 --nthreads 1 --no-nanny"
# Lost after ten missing heartbeats, 5 s, instead of 5 minutes.
SETTINGS = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "1s"}
CUT_OFF = "ip -n switch link set one down"
# endregion cluster

continue_on_head(HEAD, WORKER, SETTINGS)
client = Client("head:8786")
client.wait_for_workers(2)
hosts = client.run(gethostname)
head = client.run_on_scheduler(gethostname)
print("hosts on one computer:", head, *sorted(hosts.values()))


def square_slowly(num: int) -> int:
    """Square a number, a tenth of a second later."""
    sleep(0.1)
    return num * num


def holders(futures: Iterable[Future]) -> list[str]:
    """Return the names of the hosts that hold results."""
    held = client.who_has(futures).values()
    return sorted(
        {hosts[worker] for workers in held for worker in workers}
    )


# region cut_off
numbers = client.map(square_slowly, range(24))
for done, _ in enumerate(as_completed(numbers), start=1):
    print("#", end="", flush=True)
    if done == 12:
        before = holders(numbers)
        subprocess.run(CUT_OFF.split(), check=True)
        print(" host one cut off ", end="", flush=True)
total = sum(client.gather(numbers))  # 4324
# endregion cut_off
after = holders(numbers)

print(f"\n24 tasks, sum of squares {total}")
print("held by:", ", ".join(before), "→", ", ".join(after))

assert total == sum(num * num for num in range(24)) == 4324
assert (before, after) == (["one", "two"], ["two"])
assert gethostname() == "head"
