"""Connect to a Dask cluster and let it square a number."""

from dask.distributed import Client


def square_number(num: int) -> int:
    """Return the square of a number."""
    return num * num


# region connect
client = Client("localhost:8786")


def square_number_dask(num: int) -> int:
    return square_number(num)


future = client.submit(square_number_dask, 2)
result = future.result()  # 4
# endregion connect

print("scheduler:", client.scheduler.address)
print("workers:  ", len(client.nthreads()))
print("2 squared:", result)

assert result == 4
