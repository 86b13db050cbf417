"""Try a task again by itself when it fails for a passing reason."""

from dask.distributed import Client, Event

client = Client("localhost:8786")
Event("server-is-awake").clear()


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

print("first try:  ConnectionError")
print("second try:", result)

assert Event("server-is-awake").is_set()
assert result == "page 1 downloaded"
