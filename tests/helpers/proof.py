"""What a run of the tests leaves for the build: which recordings and checks it found to be true.

`dist/proof.json` has an entry for each snippet whose last test passed; the engine reads it
(`engine/read/proof.mjs`).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner.recordings.recording import versions
from runner.snippets.catalog import ROOT, Snippet

PROOF = ROOT / "dist" / "proof.json"


@contextlib.contextmanager
def proving(snippet: Snippet, file: Path = PROOF, *, check: str = "") -> Iterator[None]:
    """The recording of a snippet is proved if this block ends well, and else no longer.

    Args:
        check: the command that checks the snippet itself, instead of a recording.
    """
    if check:
        proof = {"file": _digest(snippet.path), "check": check}
    else:
        proof = {"recording": _digest(snippet.recording)}
    _write(file, snippet, None)
    yield
    at = datetime.now(UTC).isoformat(timespec="seconds")
    _write(file, snippet, proof | {"at": at, "commit": _commit(), "versions": versions()})


def _digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _write(file: Path, snippet: Snippet, proof: dict[str, Any] | None) -> None:
    file.parent.mkdir(exist_ok=True)
    with _alone_in(file.parent):
        proofs = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        proofs.pop(snippet.id, None)
        if proof:
            proofs[snippet.id] = proof
        # Moved there whole: a build may be reading it.
        written = file.with_suffix(".new")
        written.write_text(json.dumps(proofs, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        written.replace(file)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Tests run side by side: one at a time reads, changes and writes what is in a folder."""
    opened = os.open(folder, os.O_RDONLY)  # itself: a file for the lock would stay beside the deck
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _commit() -> str:
    """The commit that is tested, with `+` if the tree has changes, as the last slide shows it."""
    commit = _git("rev-parse", "--short", "HEAD")
    return f"{commit}{'+' if _git('status', '--porcelain') else ''}" if commit else "none"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
