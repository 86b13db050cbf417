"""The work itself: plain functions that know no engine."""

# snippet: part

import re
from collections import Counter


# region jobs
def square_number(num: int) -> int:
    return num * num


def count_letters(sentence: str) -> Counter[str]:
    return Counter(filter(str.isalpha, sentence.casefold()))


def add_counts(*counts: Counter[str]) -> Counter[str]:
    return sum(counts, Counter())


# endregion jobs


def split_sentences(text: str) -> list[str]:
    """Cut after every `.`, `!` or `?` that white space follows."""
    return re.split(r"(?<=[.!?])\s+", text.strip())
