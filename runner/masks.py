"""What must vary from run to run, and nothing else.

A mask takes away what no two runs have in common, such as a measured time. It needs the context
that tells such a thing from an answer (`1.02 s`, never `1.02`), so that it cannot hide a wrong one.
A snippet that prints the same each time needs none, and a mask that no recording needs is deleted:
it could only hide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mask:
    """One thing that varies, and the snippets in which it may."""

    name: str
    pattern: re.Pattern[str]
    replacement: str
    reason: str
    only: str = ""  # how the ids of the snippets begin to which it applies


def _mask(name: str, pattern: str, replacement: str, reason: str, only: str = "") -> Mask:
    return Mask(name, re.compile(pattern, re.MULTILINE), replacement, reason, only)


# A whole number followed by a unit may be an answer or a setting ("sleeps 2 s"): only a time with
# decimals, or in milliseconds or less, was measured.
MASKS = (
    _mask(
        "duration",
        r" *\b(?:\d+\.\d+ ?(?:s|sec|secs|seconds?)|\d+(?:\.\d+)? ?(?:ms|µs|us))\b",
        " <duration>",
        "work takes a little longer or shorter each time",
    ),
    _mask(
        "Ray job",
        r"\braysubmit_[0-9A-Za-z]{16}\b",
        "raysubmit_<id>",
        "Ray draws a name for each job it is given",
    ),
    _mask(
        "scratch project",
        r"\S*/scratch-\w+/demo\b",
        "<project>",
        "each install has a folder of its own",
        only="install/",
    ),
    _mask(
        "package version",
        r"\b(Using version )\S+( for )",
        r"\1<version>\2",
        "an install takes the newest release",
        only="install/",
    ),
    _mask(
        "package operations",
        r"^Package operations: .*\n[\s\S]*?(?=^Writing lock file)",
        "<packages>",
        "which packages come along, in which order and with which remarks, is up to their releases",
        only="install/",
    ),
)


def masked(text: str, snippet: str) -> str:
    """`text` as the snippet of this id printed it, with what must vary named instead."""
    for mask in MASKS:
        if snippet.startswith(mask.only):
            text = mask.pattern.sub(mask.replacement, text)
    return text
