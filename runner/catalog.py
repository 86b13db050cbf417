"""The snippets: which there are, which run, what each needs and is made of."""

from __future__ import annotations

import ast
import contextlib
import difflib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = ROOT / "snippets"

Kind = Literal["py", "sh"]
Engine = Literal["dask", "ray"]

# A snippet that names one of these ports talks to the cluster that listens there.
DASK_PORTS = re.compile(r"\b878[67]\b")
RAY_PORTS = re.compile(r"\b(10001|8265)\b")


COLUMNS, ROWS = 72, 24  # of the terminal that a snippet runs on, unless it declares another


class DeclarationError(ValueError):
    """What a snippet says of itself cannot be understood; the message has file, line and remedy."""


@dataclass(frozen=True)
class Declaration:
    """What a snippet says of itself in a comment:

        # snippet: exit 1, terminal 100x30

    Attributes:
        status: the exit status with which it is meant to end.
        columns: of the terminal it runs on.
        rows: of that terminal.
    """

    status: int = 0
    columns: int = COLUMNS
    rows: int = ROWS


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
    def kind(self) -> Kind:
        """Python program or shell script."""
        return "sh" if self.id.endswith(".sh") else "py"

    @property
    def command(self) -> tuple[str, str]:
        """What a reader types in the folder that holds `snippets/`."""
        return ("python" if self.kind == "py" else "bash", f"{self.root.name}/{self.id}")

    @property
    def installs(self) -> bool:
        """Does it change the Python project it runs in? Then it gets one of its own."""
        return self.id.startswith("install/")

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
        declaration = Declaration()
        for number, line in _comments(self):
            if match := _DECLARATION.match(line):
                for words in match[1].split(","):
                    declaration = _declare(declaration, words.strip(), f"{self.id}:{number}")
        return declaration

    @cached_property
    def engine(self) -> Engine | None:
        """What it imports first of Dask and Ray; for a shell script, which of them it names."""
        if self.kind == "py":
            names = (name.partition(".")[0] for _, name in _imports(self.text))
            found = [name for name in names if name in ("dask", "distributed", "ray")]
        else:
            found = re.findall(r"\b(dask|ray)\b", self.text)
        if not found:
            return None
        return "ray" if found[0] == "ray" else "dask"

    @cached_property
    def needs(self) -> frozenset[Engine]:
        """The clusters that must be up: whose default ports it names, and Ray if it uses Ray.

        `ray.init()` without an address joins the Ray of this machine; Dask joins none unasked.
        """
        if self.installs:
            return frozenset()
        texts = "".join(
            (self.root / name).read_text(encoding="utf-8", errors="ignore")
            for name in sources(self)
        )
        needs: set[Engine] = set()
        if DASK_PORTS.search(texts):
            needs.add("dask")
        if RAY_PORTS.search(texts) or self.engine == "ray":
            needs.add("ray")
        return frozenset(needs)

    @cached_property
    def runnable(self) -> bool:
        """Is it a program, rather than a module of one?

        A shell script is. A Python file is not if it makes a `FastAPI` application: that serves
        until it is stopped, so another snippet starts, asks and stops it. Any other is if it has an
        `if __name__ == "__main__":` block; or if it does more than import, define and assign, and
        no snippet beside it imports it.
        """
        if self.kind == "sh":
            return True
        body = _parse(self.text).body
        if any(_makes_application(node) for node in body):
            return False
        if any(_is_main_guard(node) for node in body):
            return True
        if all(isinstance(node, _DEFINITIONS) or _is_docstring(node) for node in body):
            return False
        return not any(self.id in _imported(other) for other in _siblings(self) if other != self)


_DECLARATION = re.compile(r"#\s*snippet:(.*)")


def _comments(snippet: Snippet) -> Iterator[tuple[int, str]]:
    """The lines, from 1, that are nothing but a comment."""
    if snippet.kind == "sh":
        yield from enumerate(snippet.text.splitlines(), start=1)
        return
    with contextlib.suppress(tokenize.TokenError, SyntaxError):  # running it says why
        for token in tokenize.generate_tokens(io.StringIO(snippet.text).readline):
            if token.type == tokenize.COMMENT and token.start[1] == 0:
                yield token.start[0], token.string


def _declare(declaration: Declaration, words: str, place: str) -> Declaration:
    """The declaration with what one phrase of it says."""
    if match := re.fullmatch(r"exit (\d{1,3})", words):
        if 1 <= int(match[1]) <= 255:
            return replace(declaration, status=int(match[1]))
        raise DeclarationError(f"{place}: '{words}' is no failure; a status is from 1 to 255")
    if match := re.fullmatch(r"terminal (\d{1,3})x(\d{1,3})", words):
        columns, rows = int(match[1]), int(match[2])
        if 20 <= columns <= 200 and 5 <= rows <= 100:
            return replace(declaration, columns=columns, rows=rows)
        raise DeclarationError(f"{place}: '{words}' is out of bounds; 20x5 to 200x100")
    raise DeclarationError(
        f"{place}: '# snippet: {words}' means nothing; "
        "write 'exit STATUS' or 'terminal COLUMNSxROWS', with commas between"
    )


_DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)


def discover(root: Path = SNIPPETS) -> list[Snippet]:
    """All snippets under `root`, sorted by id; programs and the modules they import."""
    paths = [path for path in root.rglob("*") if path.suffix in (".py", ".sh") and path.is_file()]
    return sorted(Snippet(path.relative_to(root).as_posix(), root) for path in paths)


def runnable(root: Path = SNIPPETS) -> list[Snippet]:
    """The snippets that are programs; see `Snippet.runnable`."""
    return [snippet for snippet in discover(root) if snippet.runnable]


def find(id: str, root: Path = SNIPPETS) -> Snippet:
    """The program with this id.

    Raises:
        UnknownSnippetError: there is none, it lies outside `root`, or it is not a program.
    """
    if PurePosixPath(id).is_absolute() or ".." in PurePosixPath(id).parts:
        raise UnknownSnippetError(f"'{id}' is outside {root.name}/; give a path below it")
    for snippet in discover(root):
        if snippet.id == id:
            if snippet.runnable:
                return snippet
            raise UnknownSnippetError(
                f"'{id}' is part of a program and not one itself; run the snippet that uses it"
            )
    names = [snippet.id for snippet in runnable(root)]
    near = difflib.get_close_matches(id, names, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(names) or 'none'}"
    raise UnknownSnippetError(f"no snippet '{id}'; {remedy}")


def sources(snippet: Snippet) -> list[str]:
    """The ids of all files this snippet is made of, itself included, sorted.

    These are the files beside it that it imports or names, its prepared input, and those that they
    do.
    """
    found: set[str] = set()
    waiting = [snippet]
    while waiting:
        current = waiting.pop()
        if current.id in found:
            continue
        found.add(current.id)
        if current.path.suffix in (".py", ".sh"):
            ids = {*_imported(current), *_named(current)}
            if current.input.is_file():
                ids.add(f"{current.id}.stdin")
            waiting += [Snippet(id, current.root) for id in ids]
    return sorted(found)


def _siblings(snippet: Snippet) -> list[Snippet]:
    folder = snippet.path.parent
    return [
        Snippet(path.relative_to(snippet.root).as_posix(), snippet.root)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix in (".py", ".sh")
    ]


def _imported(snippet: Snippet) -> set[str]:
    """Ids of the modules that a Python file imports from its own folder, which is `sys.path[0]`."""
    if snippet.kind == "sh":
        return set()
    folder = snippet.path.parent
    found = set()
    above = [folder, *folder.parents]
    for level, name in _imports(snippet.text):
        base = above[min(max(level - 1, 0), len(above) - 1)]
        parts = name.split(".") if name else []
        for end in range(len(parts), 0, -1):
            module = base.joinpath(*parts[:end])
            for path in (module.with_suffix(".py"), module / "__init__.py"):
                if path.is_file() and path.is_relative_to(snippet.root):
                    found.add(path.relative_to(snippet.root).as_posix())
    return found


def _named(snippet: Snippet) -> set[str]:
    """Ids of the files in its folder whose names its text has, bare or with their path."""
    folder = snippet.path.parent
    prefix = PurePosixPath(snippet.id).parent.as_posix()
    found = set()
    for path in folder.iterdir():
        if not path.is_file() or path == snippet.path or path.suffix == ".cast":
            continue
        name = re.escape(path.name)
        where = rf"(?:\./|(?:{re.escape(snippet.root.name)}/)?{re.escape(prefix)}/)?"
        if re.search(rf"(?<![\w./-]){where}{name}(?![\w-])(?!\.\w)", snippet.text):
            found.add(path.relative_to(snippet.root).as_posix())
    return found


def _imports(text: str) -> Iterator[tuple[int, str]]:
    """Each import of a Python text, in its order: how many dots lead, and the dotted name."""
    nodes = [
        node for node in ast.walk(_parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    for node in sorted(nodes, key=lambda node: node.lineno):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        else:
            module = [node.module] if node.module else []
            yield from ((node.level, ".".join([*module, alias.name])) for alias in node.names)


def _parse(text: str) -> ast.Module:
    """The syntax tree of a Python text, of one that does something if it is none: running it says
    why.
    """
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([ast.Pass()], [])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def _makes_application(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).rpartition(".")[2] == "FastAPI"
    )
