"""The same pure call has the same key, so it runs only once."""

import random

from dask.distributed import Client

client = Client("localhost:8786")


# region pure
def throw_dice(sides: int) -> int:
    return random.randint(1, sides)


sides = 10**9
pure = [client.submit(throw_dice, sides) for _ in range(5)]
impure = [
    client.submit(throw_dice, sides, pure=False) for _ in range(5)
]
pure_throws = len(set(client.gather(pure)))  # 1
impure_throws = len(set(client.gather(impure)))  # 5
# endregion pure

print(f"pure (the default): 5 submits, {pure_throws} throw")
print(f"pure=False:         5 submits, {impure_throws} throws")

assert len({future.key for future in pure}) == pure_throws == 1
assert len({future.key for future in impure}) == impure_throws == 5
