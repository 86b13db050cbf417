"""Take results as they arrive; each makes room for another task."""

# snippet: alone

from time import sleep

from dask.distributed import Client, as_completed

client = Client("localhost:8786")


def nap(fifths: int) -> int:
    """Sleep some fifths of a second, then tell how many."""
    sleep(fifths / 5)
    return fifths


# region as_completed
running = as_completed(client.map(nap, [5, 1]))
waiting, arrived = [3, 2], []
for future in running:
    arrived.append(future.result())
    print("arrived:", arrived[-1])
    if waiting:
        running.add(client.submit(nap, waiting.pop(0)))
# endregion as_completed

print("submitted 5, 1, then 3, 2")

# One of two workers is busy with 5 while the other does 1, then 3.
assert arrived == [1, 3, 5, 2]
