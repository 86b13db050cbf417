"""An actor keeps state on one worker; all others call its methods."""

from collections import Counter

from dask.distributed import Client, wait

client = Client("localhost:8786")


# region actor
class LetterTally:
    def __init__(self) -> None:
        self.letters = Counter()

    def add(self, text: str) -> int:
        self.letters.update(text)
        return self.letters.total()


tally = client.submit(LetterTally, actor=True).result()
tally.add("dask").result()
total = tally.add("distributed").result()  # 15
# endregion actor


def add_from_a_task(tally: LetterTally, text: str) -> int:
    """Call the actor from wherever the task runs."""
    return tally.add(text).result()


texts = ["task", "task", "task"]
wait(client.map(add_from_a_task, [tally] * 3, texts, pure=False))
grand_total = tally.add("").result()

print(f"after two calls:   {total} letters")
print(f"after three tasks: {grand_total} letters")

assert total == len("dask") + len("distributed") == 15
assert grand_total == total + 3 * len("task")
