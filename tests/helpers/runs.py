"""Runs of snippets, for the tests that compare what they print."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from runner.processes.output import Result
from runner.processes.process import Process, limit_of
from runner.processes.workspace import Workspace, command_of, workspace
from runner.snippets.catalog import Snippet
from tests.helpers.claims import find_claims

CLAIMS = Path(__file__).with_name("claims.py")


def run(command: Sequence[str], where: Workspace, limit: float) -> Result:
    async def main() -> Result:
        return await (await Process.start(command, where)).result(limit=limit)

    return asyncio.run(main())


def run_with_claims(snippet: Snippet, tmp_path: Path) -> tuple[Result, str]:
    """Run a program, one that claims values under the eye that checks them; and what was wrong.

    Nobody looks at the values of one that is submitted to a cluster elsewhere.
    """
    with workspace(snippet) as where:
        chosen = command_of(snippet)
        elsewhere = chosen != snippet.command
        if elsewhere or snippet.language == "sh" or not find_claims(snippet.text):
            return run(chosen, where, limit_of(snippet)), ""
        report = tmp_path / "report"
        command = [sys.executable, str(CLAIMS), snippet.command[1], str(report)]
        result = run(command, where, limit_of(snippet))
    assert report.exists(), result.text
    return result, report.read_text(encoding="utf-8")
