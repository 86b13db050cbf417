"""Try a task again by itself when it fails for a passing reason."""

from dask.distributed import Client, Queue

client = Client("localhost:8786")

# Every worker writes into the same queue.
tries = Queue("tries")
tries.get(batch=True)


# region retries
def download(page: str) -> str:
    tries.put(page)
    if tries.qsize() == 1:
        raise ConnectionError("the server sleeps")
    return f"{page} downloaded"


page = client.submit(download, "page 1", retries=1, pure=False)
result = page.result()  # 'page 1 downloaded'
# endregion retries

print("result:", result)
print("tries: ", tries.qsize())

assert result == "page 1 downloaded"
assert tries.qsize() == 2
