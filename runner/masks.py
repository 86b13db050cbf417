"""What must vary from run to run, and nothing else.

A mask takes away what no two runs have in common: a measured time, a port that the system chose.
It needs the context that tells such a thing from an answer (`pid 4711`, never `4711`), so that it
cannot hide a wrong one. A snippet that prints the same each time needs none.
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
        "ratio",
        r" *\b\d+\.\d+ ?[×x](?!\w)",
        " <ratio>",
        "the ratio of two measured durations",
    ),
    _mask(
        "timestamp",
        r"\b\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b",
        "<timestamp>",
        "log lines begin with the moment they were written",
    ),
    _mask(
        "address",
        r"\b(?:\d{1,3}(?:\.\d{1,3}){3}|localhost):(?:3[2-9]|[4-6]\d)\d{3}\b",
        "<host>:<port>",
        "workers listen on a port above 32000 that the system chooses",
    ),
    _mask(
        "process id",
        r"\b(pid|process id)([ =:]{1,2})\d+\b",
        r"\1\2<pid>",
        "the system numbers its processes",
    ),
    _mask(
        "Ray job",
        r"\braysubmit_[0-9A-Za-z]{16}\b",
        "raysubmit_<id>",
        "Ray draws a name for each job it is given",
    ),
    _mask(
        "Ray id",
        r"\b((?:Client)?(?:Object|Actor|Task|Job|Node|Worker)\w*\((?:\w+, ?)?)[0-9a-f]{8,56}\)",
        r"\1<id>)",
        "Ray numbers objects, tasks, actors, jobs, nodes and workers at random",
    ),
    _mask(
        "Dask key",
        r"\b([A-Za-z_][\w.]*-)(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
        r"\1<key>",
        "Dask names tasks and clients after a hash or a random number",
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
