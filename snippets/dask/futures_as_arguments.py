"""Pass futures to tasks: the data stays on the workers."""

from dask.distributed import Client

client = Client("localhost:8786")


def square_number(num: int) -> int:
    """Return the square of a number."""
    return num * num


# region chain
squares = client.map(square_number, [1, 2, 3])
total = client.submit(sum, squares)
result = total.result()  # 14
# endregion chain

print(f"1 + 4 + 9 = {result}")
held = client.who_has(squares)
print(f"{len(held)} squares stayed on the workers")

assert result == 14
assert len(held) == 3
assert all(held.values())
