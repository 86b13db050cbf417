"""Where a snippet runs: in which folder and environment, and on what terminal."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runner.clusters.kinds import kinds
from runner.snippets.catalog import Snippet
from runner.snippets.declaration import COLUMNS, ROWS

# The reader's settings that would change what a snippet prints, or which packages it sees.
UNWANTED = (
    "COLUMNS",
    "CONDA_PREFIX",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "VIRTUAL_ENV",
)


PICTURES = Path(__file__).resolve().parent.parent / "pictures"


def environment(root: Path, needs: Iterable[str] = ()) -> dict[str, str]:
    """What a snippet's process finds in its environment.

    Our programs come first on the PATH, so that `python`, `ray` and `dask` are the locked ones.

    Args:
        root: the project's folder.
        needs: the kinds of clusters, by name, to which it will connect.
    """
    ours = dict(item for kind in kinds().values() for item in kind.environment.items())
    unwanted = {*UNWANTED, *ours}
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    programs = [str(Path(sys.prefix) / "bin"), str(root / ".poetry" / "bin")]
    env["PATH"] = os.pathsep.join([*programs, env.get("PATH", os.defpath)])
    env |= {name: value for name, value in ours.items() if value is not None}
    for name in needs:
        env |= kinds()[name].connection()
    return env | {
        "TERM": "xterm-256color",
        "PYTHONUNBUFFERED": "1",
        # Bytecode is held to be of a file by its size and the whole second of its last change: of
        # two edits within one the first would run.
        "PYTHONDONTWRITEBYTECODE": "1",
        # Figures and images are printed.
        "PYTHONPATH": str(PICTURES),
        "MPLBACKEND": "module://terminal_figures",
    }


def command_of(snippet: Snippet) -> Sequence[str]:
    """What runs a snippet: what a reader types, or what submits it to a cluster elsewhere.

    Blocks for seconds at most.
    """
    for name in snippet.needs:
        if given := kinds()[name].submission(snippet.command[1], snippet.text):
            return given
    return snippet.command


@dataclass(frozen=True)
class Workspace:
    """Where a snippet runs, in which environment, and on what terminal.

    Attributes:
        answers: what is typed there, a line each time that a program waits for one, and then the
            end of the input; if none, the input is `/dev/null`.
        scratch: a folder that is removed with what ran.
    """

    folder: Path
    env: Mapping[str, str]
    columns: int = COLUMNS
    rows: int = ROWS
    answers: Sequence[str] | None = None
    scratch: str = ""


@contextlib.contextmanager
def workspace(snippet: Snippet, files: Mapping[str, str] | None = None) -> Iterator[Workspace]:
    """The folder that holds `snippets/`, or one made for this run and removed after.

    A snippet that installs gets a Poetry project that has no packages and wants the Python versions
    that ours wants. `snippets` is there too, so that the same command works in it: as a link, or
    as a copy if some of its files are to be otherwise.

    Args:
        files: their texts, by ids.

    Raises:
        DeclarationError: the snippet asks for a terminal that cannot be understood.
    """
    root = snippet.root.parent
    declared = snippet.declared
    env = environment(root, snippet.needs)
    where = Workspace(root, env, declared.columns, declared.rows, snippet.answers)
    if not snippet.installs and not files:
        yield where
        return
    # Not TMPDIR: on macOS that is too long for the lines of Poetry that name it.
    with tempfile.TemporaryDirectory(prefix="scratch-", dir="/tmp") as name:
        folder = Path(name).resolve() / "demo"
        folder.mkdir()
        if files:
            _copy(snippet.root, folder / snippet.root.name, files)
        else:
            (folder / snippet.root.name).symlink_to(snippet.root)
        if not snippet.installs:
            yield replace(where, folder=folder)
            return
        (folder / "pyproject.toml").write_text(
            "[project]\n"
            'name = "demo"\n'
            'version = "0.1.0"\n'
            f'requires-python = "{_python_versions(root)}"\n'
            "dependencies = []\n\n"
            "[tool.poetry]\n"
            "package-mode = false\n",
            encoding="utf-8",
        )
        env = {**where.env, "POETRY_VIRTUALENVS_IN_PROJECT": "true"}
        yield replace(where, folder=folder, env=env)


def _copy(root: Path, target: Path, files: Mapping[str, str]) -> None:
    shutil.copytree(root, target, ignore=shutil.ignore_patterns("*.cast", "__pycache__"))
    for id, text in files.items():
        (target / id).write_text(text, encoding="utf-8")


def _python_versions(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    versions: str = project["project"]["requires-python"]
    return versions
