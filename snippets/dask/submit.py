"""Submit a task: the future is there at once, its result is not."""

# snippet: alone

from time import sleep

from dask.distributed import Client

client = Client("localhost:8786")


# region submit
def square_slowly(num: int) -> int:
    sleep(0.5)
    return num * num


future = client.submit(square_slowly, 2)
before = future.status  # 'pending'
result = future.result()  # 4
after = future.status  # 'finished'
# endregion submit

print(f"{before} → {after}: {result}")

assert (before, result, after) == ("pending", 4, "finished")
