"""Give up on a task that takes every worker down with it."""

import os
import signal
from time import sleep

from dask.distributed import Client, KilledWorker

client = Client("localhost:8786")
workers = len(client.nthreads())


# region poison
def crash_natively() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)  # as a broken C library does


poison = client.submit(crash_natively)
try:
    poison.result()
except KilledWorker as error:
    allowed = error.allowed_failures  # 3
    print(f"KilledWorker: {allowed + 1} workers died of it")
# endregion poison

status = poison.status
poison.release()
while len(client.nthreads()) < workers:
    sleep(0.1)
answer = client.submit(sum, [1, 2, 3]).result()
print(f"the cluster works: 1 + 2 + 3 = {answer}")

assert (status, allowed, answer) == ("error", 3, 6)
