"""The work itself: plain functions that know no engine."""

# snippet: part

import re
from collections import Counter
from typing import Any


# region jobs
def square_number(num: int) -> int:
    return num * num


def count_letters(sentence: str) -> Counter[str]:
    return Counter(filter(str.isalpha, sentence.casefold()))


def add_counts(*counts: Counter[str]) -> Counter[str]:
    return sum(counts, Counter())


# endregion jobs


def train() -> Any:
    """Return the model, which learns in a second."""
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    images, digits = load_digits(return_X_y=True)
    return SVC(C=15.7, gamma=0.0016).fit(images[:1_200], digits[:1_200])


# region model
def read_digits(model: Any, images: list[list[float]]) -> list[int]:
    return list(map(int, model.predict(images)))


# endregion model


def split_sentences(text: str) -> list[str]:
    """Cut after every `.`, `!` or `?` that white space follows."""
    return re.split(r"(?<=[.!?])\s+", text.strip())
