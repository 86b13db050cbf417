"""Masks take away what varies, and can hide no wrong answer."""

import re
import time

import pytest

from runner.recordings.compare import screen
from runner.recordings.masks import MASKS, Mask, Shown
from runner.recordings.masks import masked as masked_shown
from runner.recordings.recording import load
from runner.snippets.catalog import Snippet, runnable, sources

# Two runs of the same program: what each printed.
VARIES = {
    "duration": [
        ("took 1.02 s", "took 12.34 s"),
        ("took   1.02 s", "took 112.340s"),
        ("round trip: 8.01 ms", "round trip: 11.25 ms"),
        ("1.50 seconds", "0.98 seconds"),
    ],
    "Poetry's clock": [("Resolving dependencies... (0.3s)", "Resolving dependencies... (11.2s)")],
    "Ray job": [("raysubmit_abcDEF0123456789", "raysubmit_9876543210FEDcba")],
    "scratch project": [
        ("in /tmp/scratch-abc_1/demo/.venv", "in /private/tmp/scratch-xy/demo/.venv")
    ],
    "package version": [("Using version ^2026.8.0 for dask", "Using version ^2027.1.0 for dask")],
    "package operations": [
        (
            "Package operations: 2 installs, 0 updates, 0 removals\n\n"
            "  - Installing a (1.0)\n  - Installing b (2.0)\n\nWriting lock file",
            "Package operations: 1 install, 0 updates, 0 removals\n\n"
            "  - Installing b (2.1)\n\nWriting lock file",
        ),
        (
            "Package operations: 1 install\n\n  - Installing a (1.0)\n\nWriting lock file",
            "Package operations: 1 install\n\n  - Installing a (1.0)\n"
            "Installing a/__init__.py over existing file\n\nWriting lock file",
        ),
    ],
}

# An answer, and another one that must be told from it.
ANSWERS = [
    ("4", "5"),
    ("result: 4", "result: 5"),
    ("[1, 3, 5, 2]", "[1, 3, 2, 5]"),
    ("π ≈ 3.14177", "π ≈ 3.14177 4"),
    ("3.14177", "3.24177"),
    ("24 tasks", "23 tasks"),
    ("1000 tasks", "999 tasks"),
    ("pending → finished", "pending → error"),
    ("sleeps 2 s", "sleeps 3 s"),
    ("4 naps of 0.5 s", "4 naps of 0.6 s"),
    ("a limit of 250 ms", "a limit of 300 ms"),
    ("Resolving dependencies... (0.3s)", "Resolving dependencies... (0.4s)"),
    ("2 workers", "1 workers"),
    ("http://localhost:8265", "http://localhost:8266"),
    ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8787"),
    ("ray://localhost:10001", "ray://localhost:10002"),
    ("version 2026.8.0", "version 2026.9.0"),
    ("Using version ^1.0 for dask", "Using version ^2.0 for dask"),
    ("Package operations: 1 install", "Package operations: 2 installs"),
    ("Package operations: 1 install\n\nfailed", "Package operations: 1 install\n\nfine"),
    ("process 1 of 2", "process 2 of 2"),
    ("12 installs", "13 installs"),
    ("50 %", "60 %"),
    ("e: 12", "e: 13"),
    ("0" * 32, "1" * 32),
    ("sha256 " + "0a" * 32, "sha256 " + "b1" * 32),
    ("2 x 3", "3 x 2"),
    ("12² = 144", "12² = 145"),
    ("tick 3 s", "tick 4 s"),
    ("in pid 4711", "in pid 12"),
    ("1.95× faster", "1.7× faster"),
    ("worker tcp://127.0.0.1:40123", "worker tcp://127.0.0.1:38111"),
    ("2026-11-24 16:43:23", "2027-01-02 03:04:05"),
]


def masked(text: str, snippet: str) -> str:
    """A plain text, masked."""
    return masked_shown(Shown.of([[(line, "")] for line in text.split("\n")]), snippet).text


PAIRS = [(name, *pair) for name, pairs in VARIES.items() for pair in pairs]


@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_what_varies_is_masked_and_only_by_its_own_mask(name: str, one: str, other: str) -> None:
    [mask] = [mask for mask in MASKS if mask.name == name]
    snippet = f"{mask.only or 'dask/'}x.py"
    assert one != other
    assert masked(one, snippet) == masked(other, snippet)
    assert mask.pattern.sub(mask.replacement, one) == mask.pattern.sub(mask.replacement, other)


def test_every_mask_is_tested_and_says_why() -> None:
    assert sorted(mask.name for mask in MASKS) == sorted(VARIES)
    assert all(mask.reason for mask in MASKS)


SHOWN = {snippet: screen(snippet, load(snippet).text).text for snippet in runnable()}


@pytest.mark.parametrize("mask", MASKS, ids=lambda mask: mask.name)
def test_every_mask_is_needed_by_a_recording(mask: Mask) -> None:
    shown = [text for snippet, text in SHOWN.items() if snippet.id.startswith(mask.only)]
    assert any(mask.pattern.search(text) for text in shown)


@pytest.mark.parametrize("snippet", SHOWN, ids=str)
def test_no_number_that_a_snippet_sets_is_masked(snippet: Snippet) -> None:
    """What stands in its source was not measured."""
    durations = [mask.pattern for mask in MASKS if mask.name == "duration"]
    hidden = {re.search(r"[\d.]+", found)[0] for found in durations[0].findall(SHOWN[snippet])}  # type: ignore[index]
    text = "".join((snippet.root / id).read_text(encoding="utf-8") for id in sources(snippet))
    assert hidden & set(re.findall(r"\d+\.\d+", text)) == set()


@pytest.mark.parametrize(("right", "wrong"), ANSWERS)
def test_a_wrong_answer_is_never_masked(right: str, wrong: str) -> None:
    assert masked(right, "dask/x.py") != masked(wrong, "dask/x.py")


@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_a_mask_leaves_what_stands_beside_it(name: str, one: str, other: str) -> None:
    snippet = "install/x.sh"
    assert masked(f"4 {one}", snippet) != masked(f"5 {other}", snippet)
    assert masked(f"{one}\nfour", snippet) != masked(f"{other}\nfive", snippet)


def test_ten_times_as_much_to_mask_takes_about_ten_times_as_long() -> None:
    def seconds(lines: int) -> float:
        shown = Shown.of([[("took 1.02 s", "")]] * lines)
        begun = time.process_time()
        assert masked_shown(shown, "x.py").text.count("<duration>") == lines
        return time.process_time() - begun

    few, many = seconds(500), seconds(5000)
    assert many < 30 * few
