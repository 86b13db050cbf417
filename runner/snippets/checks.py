"""What proves the files on slides that are no programs: a check is declared for each."""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
from pathlib import Path

from runner.processes.workspace import environment
from runner.snippets.catalog import SNIPPETS, Snippet

LIMIT = 60  # seconds that a check may take

# What no format allows: a check that passes a file that ends so has not looked at it.
DAMAGE = b"\n\x00<<<<<<< ]})>'\"\n"


def checks(root: Path = SNIPPETS) -> dict[str, str]:
    """The command for each file that has one, by its id.

    The engine says what `checks.json` may hold (`engine/read/checks.mjs`), and what is wrong in it.
    """
    path = root / "checks.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def fault(snippet: Snippet, command: str) -> str:
    """What is wrong with a file, or with its check: one that cannot fail proves nothing.

    Args:
        command: as in a shell, in the folder that holds `snippets/`; the file's path comes last.

    Returns:
        Nothing if it passes, and a copy of it that is cut off and damaged does not.
    """
    status, output = _run(command, snippet.path, snippet.root.parent)
    if status:
        return f"{snippet}: its check has ended with {status}: {command}\n{output}"
    text = snippet.path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        damaged = Path(folder) / snippet.path.name
        damaged.write_bytes(text[: len(text) // 2] + DAMAGE)
        status, _ = _run(command, damaged, snippet.root.parent)
    if status:
        return ""
    return (
        f"{snippet}: its check passes what is damaged, too, so it proves nothing: {command}; "
        "write one that looks at what is in the file"
    )


def _run(command: str, path: Path, folder: Path) -> tuple[int, str]:
    """Its exit status, as a shell tells it, and what it printed."""
    env = environment(folder)
    env["PATH"] = f"{env['PATH']}:{folder / 'node_modules' / '.bin'}"
    try:
        ended = subprocess.run(
            [*shlex.split(command), str(path)],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT,
            check=False,
        )
    except (OSError, ValueError) as error:
        return 127, f"it cannot be started: {error}"
    except subprocess.TimeoutExpired:
        return 124, f"it has not ended after {LIMIT} s"
    return ended.returncode, ended.stdout
