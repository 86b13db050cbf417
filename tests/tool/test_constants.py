"""A line that a program always prints is told from one that it has measured."""

import pytest

from tests.helpers.constants import constant_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('print("second try:", result)', {}),
        ('print(f"{size} workers")', {}),
        ('print("#", end="", flush=True)', {}),
        ("print()", {}),
        ('print("done")', {1: "done"}),
        ('if ready:\n    print("naps:", 4, "→ 2 workers")', {2: "naps: 4 → 2 workers"}),
        ('def main():\n    return print("started")', {2: "started"}),
    ],
)
def test_a_print_of_literals_alone_is_found(text: str, lines: dict[int, str]) -> None:
    assert constant_lines(text) == lines
