"""The snippets: which there are, which run, what each needs and is made of."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from runner.clusters.kinds import Kind, kinds
from runner.snippets.declaration import Declaration, DeclarationError, declaration, is_part

ROOT = Path(__file__).resolve().parent.parent.parent
SNIPPETS = ROOT / "snippets"

Language = Literal["py", "sh"]


class UnknownSnippetError(LookupError):
    """No snippet has this id; the message says which is nearest."""


@dataclass(frozen=True, order=True)
class Snippet:
    """A file under `snippets/`; its id is its path there, such as `ray/client.py`."""

    id: str
    root: Path = SNIPPETS

    def __str__(self) -> str:
        return self.id

    @property
    def path(self) -> Path:
        """The file itself, absolute."""
        return self.root / self.id

    @property
    def recording(self) -> Path:
        """Where its recording is kept: beside it."""
        return self.root / f"{self.id}.cast"

    @property
    def input(self) -> Path:
        """Where the answers are prepared that it asks for: beside it."""
        return self.root / f"{self.id}.stdin"

    @property
    def answers(self) -> tuple[str, ...] | None:
        """The prepared lines that are typed when it asks for one; none if it has no input."""
        if not self.input.is_file():
            return None
        return tuple(self.input.read_text(encoding="utf-8", errors="replace").splitlines())

    @property
    def language(self) -> Language:
        """Python or shell."""
        return "sh" if self.id.endswith(".sh") else "py"

    @property
    def command(self) -> tuple[str, str]:
        """What a reader types in the folder that holds `snippets/`."""
        program = "python" if self.language == "py" else "bash"
        return (program, f"{self.root.name}/{self.id}")

    @property
    def folder(self) -> str:
        """The first part of its id, nothing if it is in none."""
        return self.id.partition("/")[0] if "/" in self.id else ""

    @property
    def installs(self) -> bool:
        """Does it change the Python project it runs in? Then it gets one of its own."""
        return self.folder == "install"

    @cached_property
    def text(self) -> str:
        """The file as it was when first asked for."""
        return self.path.read_text(encoding="utf-8", errors="replace")

    @cached_property
    def declared(self) -> Declaration:
        """What it says of itself.

        Raises:
            DeclarationError: one of its words means nothing.
        """
        return declaration(self.text, self.language, self.id)

    @property
    def part(self) -> bool:
        """Is it part of a program, and none itself?"""
        return self.path.name == "__init__.py" or is_part(self.text, self.language)

    @property
    def needs(self) -> tuple[str, ...]:
        """The kinds of clusters that must be up, by name: what it declares, or its folder's.

        A folder that is named after no kind needs none.
        """
        if self.declared.needs is not None:
            return self.declared.needs
        return (self.folder,) if self.folder in kinds() else ()


def discover(root: Path = SNIPPETS) -> list[Snippet]:
    """All snippets in Python or shell under `root`, sorted by id; programs and parts of programs.

    The engine has the same rule (`engine/read/snippets.mjs`): no hidden file, and nothing in a
    folder whose name begins with a dot or `_`. A slide may show files of other kinds, too.
    """
    paths = [path.relative_to(root) for path in root.rglob("*.[ps][yh]") if path.is_file()]
    return sorted(
        Snippet(path.as_posix(), root)
        for path in paths
        if path.suffix in (".py", ".sh")
        and path.name[0] != "."
        and not any(part[0] in "._" for part in path.parts[:-1])
    )


def runnable(root: Path = SNIPPETS) -> list[Snippet]:
    """The snippets that are programs: all that do not declare to be part of one."""
    return [snippet for snippet in discover(root) if not snippet.part]


def needed(snippets: Iterable[Snippet]) -> list[Kind]:
    """The kinds of clusters that any of these needs."""
    names: set[str] = set()
    for snippet in snippets:
        with contextlib.suppress(DeclarationError):  # it is told when that one runs
            names.update(snippet.needs)
    return [kind for name, kind in kinds().items() if name in names]


def find(id: str, root: Path = SNIPPETS) -> Snippet:
    """The program with this id.

    Raises:
        UnknownSnippetError: there is none, it lies outside `root`, or it is not a program.
    """
    if PurePosixPath(id).is_absolute() or ".." in PurePosixPath(id).parts:
        raise UnknownSnippetError(f"'{id}' is outside {root.name}/; give a path below it")
    snippets = {snippet.id: snippet for snippet in discover(root)}
    there = os.path.isfile(root / id)  # noqa: PTH113 a Path raises for a name that is too long
    if id not in snippets and there and not id.endswith((".cast", ".stdin")):
        raise UnknownSnippetError(
            f"'{id}' is no program; what proves it is a program that uses it, "
            f"or its check in {root.name}/checks.json"
        )
    if id not in snippets:
        near = difflib.get_close_matches(id, snippets, n=1)
        remedy = (
            f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(snippets) or 'none'}"
        )
        raise UnknownSnippetError(f"no snippet '{id}'; {remedy}")
    if snippets[id].part:
        raise UnknownSnippetError(
            f"'{id}' is part of a program and not one itself; run the snippet that uses it"
        )
    return snippets[id]


def sources(snippet: Snippet) -> list[str]:
    """The ids of all files this snippet is made of, itself included, sorted.

    These are the files in its folder that its text names (parts of programs as they are imported,
    without `.py`), those that they name, and its prepared input.
    """
    found: set[str] = set()
    waiting = [snippet]
    while waiting:
        current = waiting.pop()
        if current.id in found:
            continue
        found.add(current.id)
        if current.input.is_file():
            found.add(f"{current.id}.stdin")
        if current.path.suffix in (".py", ".sh"):
            waiting += [other for other in _beside(current) if _names(current, other)]
    return sorted(found)


def _beside(snippet: Snippet) -> list[Snippet]:
    """The files in its folder, less what is kept beside snippets and what Python leaves."""
    paths = (path for path in snippet.path.parent.rglob("*") if path.is_file())
    return [
        Snippet(path.relative_to(snippet.root).as_posix(), snippet.root)
        for path in paths
        if path.suffix not in (".cast", ".stdin", ".pyc") and path != snippet.path
    ]


def _names(snippet: Snippet, other: Snippet) -> bool:
    """Does the text of one have the name of the other, bare or with its path?"""
    if other.path.suffix == ".py" and other.part:
        path = other.path.parent if other.path.stem == "__init__" else other.path
        return bool(re.search(rf"\b{re.escape(path.stem)}\b", snippet.text))
    places = [snippet.path.parent, snippet.root, snippet.root.parent]
    paths = [re.escape(other.path.relative_to(place).as_posix()) for place in places]
    return bool(
        re.search(rf"(?<![\w./-])(?:\./)?(?:{'|'.join(paths)})(?![\w-])(?!\.\w)", snippet.text)
    )
