"""What every command calls first: it tells what is missing, and makes anew what has moved."""

from __future__ import annotations

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
