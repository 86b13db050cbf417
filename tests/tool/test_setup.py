"""What every command calls first: it tells what is missing, and makes anew what has moved."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# Node 18, as far as set-up can tell.
OLD_NODE = """data:text/javascript,
import { register } from 'node:module';
Object.defineProperty(process, 'version', { value: 'v18.19.0' });
register('data:text/javascript,' + encodeURIComponent(`
    export async function load(url, context, next) {
        const { source, ...loaded } = await next(url, context);
        const old = source && String(source).replaceAll('import.meta.dirname', 'undefined');
        return { ...loaded, source: old };
    }
`));"""


def test_a_node_that_is_too_old_is_told_so() -> None:
    command = ["node", "--import", OLD_NODE, str(ROOT / "setup.mjs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("\nNode 20.19 or newer is needed, this is v18.19.0.")
    assert done.returncode == 1


# They install little, and what is installed already they leave as it is, as the real ones do.
NPM = """
import { mkdirSync, writeFileSync } from 'node:fs';
const folder = 'node_modules/@sparticuz/chromium';
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/index.js`, 'module.exports = { executablePath() {} };');
"""
POETRY = r"""#!/bin/sh
[ "$1" = --version ] && exec echo "Poetry (version 2.5.1)"
[ -e .venv/bin/where ] && exit
printf '#!%s/.venv/bin/python\nimport sys\nprint(sys.executable)\n' "$PWD" > .venv/bin/where
chmod +x .venv/bin/where
"""


def test_a_folder_that_was_moved_is_set_up_for_its_new_place(tmp_path: Path) -> None:
    old, new, tools = tmp_path / "old", tmp_path / "new", tmp_path / "tools"
    shutil.copytree(ROOT / "setup", old / "setup")
    for name in ("setup.mjs", "pyproject.toml", "poetry.lock", "package-lock.json"):
        shutil.copy(ROOT / name, old)
    tools.mkdir()
    (tools / "npm.mjs").write_text(NPM)
    (tools / "poetry").write_text(POETRY)
    (tools / "poetry").chmod(0o755)
    env = {name: value for name, value in os.environ.items() if name != "CHROME_PATH"}
    env |= {"npm_execpath": str(tools / "npm.mjs"), "PATH": f"{tools}:{env['PATH']}"}

    def run_in(folder: Path) -> subprocess.CompletedProcess[str]:
        command = ["node", str(folder / "setup.mjs"), "where"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True)

    assert run_in(old).stdout == f"{old}/.venv/bin/python\n"
    old.rename(new)
    assert run_in(new).stdout == f"{new}/.venv/bin/python\n"
    if platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc":  # else npm has none
        fonts = (new / "node_modules" / ".browser" / "fonts.conf").read_text()
        assert str(new) in fonts
        assert str(old) not in fonts
    assert run_in(new).stderr == "", "it is set up once"
