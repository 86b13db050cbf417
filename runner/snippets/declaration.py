"""What a snippet says of itself in a comment, where it cannot be seen at a glance.

# snippet: exit 1, terminal 100x30, needs dask
"""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace

from runner.clusters.kinds import kinds

COLUMNS, ROWS = 72, 24  # of the terminal that a snippet runs on, unless it declares another
COMMENT = re.compile(r"#\s*snippet:(.*)")


class DeclarationError(ValueError):
    """What a snippet says of itself cannot be understood; the message has file, line and remedy."""


@dataclass(frozen=True)
class Declaration:
    """What a snippet says of itself.

    Attributes:
        status: the exit status with which it is meant to end.
        columns: of the terminal it runs on.
        rows: of that terminal.
        needs: names of the kinds of clusters that must be up; none if it does not say.
        namespaces: it makes some, such as networks and hosts, which only Linux has.
        alone: it measures, or what comes first matters, so in tests nothing runs beside it.
        ports: on which it listens when somebody starts it by hand.
    """

    status: int = 0
    columns: int = COLUMNS
    rows: int = ROWS
    needs: tuple[str, ...] | None = None
    namespaces: bool = False
    alone: bool = False
    ports: tuple[int, ...] = ()


def is_part(text: str, language: str) -> bool:
    """Does a text declare to be part of a program, whatever else it declares?"""
    phrases = (COMMENT.match(line) for _, line in _comments(text, language))
    return any("part" in re.split(r"\s*,\s*", match[1].strip()) for match in phrases if match)


def declaration(text: str, language: str, id: str) -> Declaration:
    """What a text in Python ("py") or shell declares.

    Raises:
        DeclarationError: one of its words means nothing.
    """
    declared = Declaration()
    for number, line in _comments(text, language):
        if match := COMMENT.match(line):
            for words in match[1].split(","):
                declared = _declare(declared, words.strip(), f"{id}:{number}")
    return declared


def _comments(text: str, language: str) -> Iterator[tuple[int, str]]:
    """The lines, from 1, that are nothing but a comment."""
    if language == "sh":
        yield from enumerate(text.splitlines(), start=1)
        return
    with contextlib.suppress(tokenize.TokenError, SyntaxError):  # running it says why
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and token.start[1] == 0:
                yield token.start[0], token.string


def _declare(declared: Declaration, words: str, place: str) -> Declaration:
    """The declaration with what one phrase of it says."""
    simple = {
        "part": declared,
        "alone": replace(declared, alone=True),
        "needs nothing": replace(declared, needs=()),
        "needs namespaces": replace(declared, namespaces=True),
    }
    if words in simple:
        return simple[words]
    if match := re.fullmatch(r"needs (\w+)", words):
        if match[1] in kinds():
            return replace(declared, needs=(*(declared.needs or ()), match[1]))
        names = ", ".join(kinds())
        raise DeclarationError(f"{place}: no cluster '{match[1]}'; there are: {names}")
    if match := re.fullmatch(r"port (\d{1,5})", words):
        if 1024 <= int(match[1]) <= 65535:
            return replace(declared, ports=(*declared.ports, int(match[1])))
        raise DeclarationError(f"{place}: '{words}' is no port; from 1024 to 65535")
    if match := re.fullmatch(r"exit (\d{1,3})", words):
        if 1 <= int(match[1]) <= 255:
            return replace(declared, status=int(match[1]))
        raise DeclarationError(f"{place}: '{words}' is no failure; a status is from 1 to 255")
    if match := re.fullmatch(r"terminal (\d{1,3})x(\d{1,3})", words):
        columns, rows = int(match[1]), int(match[2])
        if 20 <= columns <= 200 and 5 <= rows <= 100:
            return replace(declared, columns=columns, rows=rows)
        raise DeclarationError(f"{place}: '{words}' is out of bounds; 20x5 to 200x100")
    raise DeclarationError(
        f"{place}: '# snippet: {words}' means nothing; write 'exit STATUS', "
        "'terminal COLUMNSxROWS', 'needs CLUSTER', 'needs nothing', 'needs namespaces', "
        "'port NUMBER', 'alone' or 'part', with commas between"
    )
