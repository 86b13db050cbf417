"""`npm run new`: a talk of one's own, beside this one."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from runner.snippets.catalog import ROOT

STARTER = ROOT / "starter"

# What a talk takes along of this repository: the tool, and what proves any talk.
TOOL = (
    *(".ci", ".gitattributes", ".github/workflows/ci.yml", ".gitignore", "LICENSE"),
    *("biome.jsonc", "engine", "marp.config.mjs", "package-lock.json", "package.json"),
    *("poetry.lock", "pyproject.toml", "runner", "setup", "setup.mjs", "tsconfig.json"),
    *("slides/theme.css", "snippets/ruff.toml", "tests/conftest.py", "tests/helpers"),
    *("tests/talk/test_deck.py", "tests/talk/test_pdf.py"),
    *("tests/talk/test_readme.py", "tests/talk/test_snippets.py"),
)
SCRIPTS = (
    "new",
    "test:long",
    "bench",
    "bench:talk",
    "bench:dashboards",
    "bench:readme",
)  # which need what is not taken along


class NewTalkError(Exception):
    """There is no talk, or no commit of it; the message says why, and what to do."""


def new(folder: Path, title: str, author: str | None = None) -> None:
    """Make a talk: the tool, a starter deck with its recordings, and nothing of this talk.

    Args:
        folder: which must not be there yet, or be empty.
        title: of the talk.
        author: as git has it, if none is given.

    Raises:
        NewTalkError: there is something in that folder, or it lies in this repository, or git has
            not committed the talk, which is there then.
    """
    folder = folder.resolve()
    if folder.is_relative_to(ROOT):
        raise NewTalkError(f"{folder} is in this repository; name a folder beside it")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NewTalkError(f"{folder} is not empty; name a new folder")
    author = author or _git(ROOT, "config", "user.name") or "Somebody"
    for name in _tracked(*TOOL):
        _copy(ROOT / name, folder / name)
    for name in _tracked("starter"):
        _copy(ROOT / name, folder / Path(name).relative_to("starter"))
    for name in ("slides/deck.md", "README.md"):
        text = (folder / name).read_text(encoding="utf-8")
        for word, value in (("title", title), ("author", author)):
            quoted = json.dumps(value, ensure_ascii=False)  # as YAML has it, too
            text = text.replace(f'"{{{word}}}"', quoted).replace(f"{{{word}}}", value)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "assets").mkdir()
    (folder / "assets" / "README.md").write_text(
        "# Assets\n\nPictures of this talk, where each comes from, and its licence.\n"
    )
    _describe(folder, title, author)
    _commit(folder, f"A talk: {title}")


def _tracked(*paths: str) -> list[str]:
    """The files of these, as git has them: nothing that was built or installed."""
    names = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *paths)
    if not names:
        raise NewTalkError("git does not know this repository; clone it, and run this there")
    return [name for name in names.split("\0") if name and (ROOT / name).exists()]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _describe(folder: Path, title: str, author: str) -> None:
    """Name the talk where npm and Poetry look; what they lock stays as it is."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "talk"
    path = folder / "package.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package |= {"name": name, "version": "0.1.0", "description": title}
    package.pop("repository", None)
    for script in SCRIPTS:
        package["scripts"].pop(script, None)
    path.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    lock = folder / "package-lock.json"
    locked = json.loads(lock.read_text(encoding="utf-8"))
    for place in (locked, locked["packages"][""]):
        place |= {"name": name, "version": "0.1.0"}
    lock.write_text(json.dumps(locked, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    path = folder / "pyproject.toml"
    project = path.read_text(encoding="utf-8")
    quoted = json.dumps(title, ensure_ascii=False)
    for key, value in {
        "name": f'"{name}"',
        "version": '"0.1.0"',
        "description": quoted,
        "authors": f"[{{ name = {json.dumps(author, ensure_ascii=False)} }}]",
        "files": '["runner", "tests"]',
    }.items():
        begin, _, rest = project.partition(f"\n{key} = ")
        project = f"{begin}\n{key} = {value}\n{rest.partition(chr(10))[2]}"
    project = re.sub(r"^ +.*/snippets/.*\n", "", project, flags=re.MULTILINE)
    path.write_text(project, encoding="utf-8")


def _commit(folder: Path, message: str) -> None:
    """What git cannot do, such as commit for somebody it does not know, can be done later."""
    commands = [
        _command(folder, "init", "--quiet", "--initial-branch=main"),
        _command(folder, "add", "--all"),
        _command(folder, "commit", "--quiet", "--message", message),
    ]
    for number, command in enumerate(commands):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            left = " && ".join(map(shlex.join, commands[number:]))
            raise NewTalkError(
                f"the talk is in {folder}, but git has not committed it: {said}\n"
                f"Mend that, as git says,\nthen: {left}"
            )


def _git(folder: Path, *arguments: str) -> str:
    command = _command(folder, *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(folder), *arguments]
