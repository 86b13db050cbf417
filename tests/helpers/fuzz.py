"""How long the tests try what they are given at random: seconds in `npm test`, minutes if asked.

@pytest.mark.parametrize("examples", lengths(40, 2000))
def test_a_reader_bears_anything(examples: int) -> None:
    @given(st.binary())
    def holds(data: bytes) -> None: ...

    attempt(holds, examples)
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ALIKE = 50  # examples below which they are the same each time


def lengths(short: int, long: int) -> list[Any]:
    """Parameters of a test that is tried so often, and of one that is tried for long."""
    marks = pytest.mark.long, pytest.mark.timeout(1800)
    return [pytest.param(short, id="short"), pytest.param(long, id="long", marks=marks)]


def attempt(holds: Callable[[], None], examples: int) -> None:
    """Call a function that hypothesis gives its arguments, so many times."""
    always = settings(
        max_examples=examples,
        # Each time the same, so that no test fails for somebody who has changed nothing; those that
        # are long find something new each time.
        derandomize=examples < ALIKE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    always(holds)()
