"""Each check of what an audience sees, against a slide that must fail it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from runner.recordings.record import record
from runner.snippets.catalog import ROOT
from tests.helpers.inspection import Finding, browser_page, build, inspect

FIXTURES = Path(__file__).parent / "fixtures"
DEFECTS = FIXTURES / "defects.md"
EXPECTED = re.findall(r"<!-- expect: (.+) -->", DEFECTS.read_text())


@pytest.fixture(scope="module")
def defects(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What the checks find in a deck with one defect a slide."""
    root = tmp_path_factory.mktemp("defects")
    (root / "slides").mkdir()
    shutil.copy(DEFECTS, root / "slides" / "deck.md")
    shutil.copy(ROOT / "slides" / "theme.css", root / "slides")
    shutil.copy(ROOT / "poetry.lock", root)
    for folder in ("assets", "snippets"):
        shutil.copytree(FIXTURES / folder, root / folder)
    assert record(["plain/long_output.py"], root / "snippets") == 0
    engine = (ROOT / "engine" / "render" / "marp.mjs").as_uri()
    (root / "marp.config.mjs").write_text(
        f"import {{ marpConfig }} from '{engine}';\n"
        "export default marpConfig(import.meta.dirname);\n"
    )
    build(root, "--draft")
    # Without the deck's policy, which would stop its browser from asking for what it should not.
    with browser_page(bypass_csp=True) as page:
        return inspect(page, root / "dist" / "draft.html")


@pytest.mark.parametrize(("slide", "check"), list(enumerate(EXPECTED, start=1)))
def test_each_defect_is_found_on_its_slide_and_nothing_else(
    defects: list[Finding], slide: int, check: str
) -> None:
    found = {finding.check for finding in defects if finding.slide == slide}
    expected = set() if check.startswith("nothing") else {check}
    assert found == expected, "\n".join(map(str, defects))


def test_findings_name_the_line_of_the_deck(defects: list[Finding]) -> None:
    """That of the code or output; else the one at which the slide begins."""
    lines = DEFECTS.read_text().splitlines()
    headings = [number for number, text in enumerate(lines, 1) if text == "---"]
    starts = [1, *headings[2:]]
    for finding in defects:
        if finding.slide:
            imported = lines[finding.line - 1].startswith((">>>", "<<<"))
            assert imported or starts[finding.slide - 1] == finding.line
    imports = [number for number, text in enumerate(lines, 1) if text.startswith((">>>", "<<<"))]
    assert [each.line for each in defects if each.line in imports] == imports


def test_steps_of_a_slide_are_looked_at_one_by_one(defects: list[Finding]) -> None:
    [finding] = [each for each in defects if each.slide == len(EXPECTED)]
    assert finding.step == 2


def test_requests_and_console_errors_are_found(defects: list[Finding]) -> None:
    assert {finding.check for finding in defects if finding.slide == 0} == {"request", "console"}
