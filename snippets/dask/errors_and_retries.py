"""An error comes back with its traceback; retries absorb it."""

from dask.distributed import Client, Event

client = Client("localhost:8786")
Event("server-is-awake").clear()


# region error
def harmonic_mean(numbers: list[int]) -> float:
    return len(numbers) / sum(1 / number for number in numbers)


broken = client.submit(harmonic_mean, [1, 0])
try:
    broken.result()
except ZeroDivisionError as error:
    print("on the worker, and here:", error)
# endregion error


# region retries
def download(page: str) -> str:
    awake = Event("server-is-awake")  # one for the whole cluster
    if not awake.is_set():
        awake.set()
        raise ConnectionError("the server sleeps")
    return f"{page} downloaded"


page = client.submit(download, "page 1", retries=1)
result = page.result()  # 'page 1 downloaded'
# endregion retries

print("at the second try:", result)

assert isinstance(broken.exception(), ZeroDivisionError)
assert result == "page 1 downloaded"
