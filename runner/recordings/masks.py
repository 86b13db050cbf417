"""What must vary from run to run, and nothing else.

A mask takes away what no two runs have in common, such as a measured time. It needs the context
that tells such a thing from an answer (`1.02 s`, never `1.02`), so that it cannot hide a wrong one.
A snippet that prints the same each time needs none, and a mask that no recording needs is deleted:
it could only hide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

from runner.engine import Line


@dataclass(frozen=True)
class Shown:
    """What a terminal shows: its text, and how each character of that looks."""

    text: str
    looks: tuple[str, ...]  # HTML attributes, one for each character of the text

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Self:
        """Lines as the engine tells them."""
        runs = [run for line in lines for run in [("\n", ""), *line]][1:]
        text = "".join(text for text, _ in runs)
        return cls(text, tuple(look for text, look in runs for _ in text))

    def described(self) -> list[str]:
        """Its lines, each change of look named in the text."""
        runs = groupby(zip(self.text, self.looks, strict=True), key=lambda pair: pair[1])
        parts = ((look, "".join(char for char, _ in pairs)) for look, pairs in runs)
        return "".join(f"<{look}>{text}</>" if look else text for look, text in parts).split("\n")

    def replace(self, pattern: re.Pattern[str], replacement: str) -> Shown:
        """The same with each match replaced by plain text, as `re.sub` replaces it."""
        texts: list[str] = []
        looks: list[str] = []
        end = 0
        for match in pattern.finditer(self.text):
            plain = match.expand(replacement)
            texts += self.text[end : match.start()], plain
            looks += *self.looks[end : match.start()], *[""] * len(plain)
            end = match.end()
        return Shown("".join((*texts, self.text[end:])), (*looks, *self.looks[end:]))


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


# Snippets print what they measure with two decimals or more, and what was set (naps of 0.5 s) with
# fewer: so a mask of times hides no setting. What others print is masked by what stands around it.
MASKS = (
    _mask(
        "duration",
        r" *\b\d+\.\d{2,} ?(?:s|sec|secs|seconds?|ms|µs|us)\b",
        " <duration>",
        "work takes a little longer or shorter each time",
    ),
    _mask(
        "Poetry's clock",
        r"(?<=^Resolving dependencies\.\.\. )\(\d+\.\ds\)$",
        "(<duration>)",
        "Poetry says how long it took to choose the packages",
        only="install/",
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


def masked(shown: Shown, snippet: str) -> Shown:
    """What the snippet of this id showed, with what must vary named instead."""
    for mask in MASKS:
        if snippet.startswith(mask.only):
            shown = shown.replace(mask.pattern, mask.replacement)
    return shown
