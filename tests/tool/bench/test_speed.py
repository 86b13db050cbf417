"""The README says of our speed what was measured, and nothing else."""

import json

import pytest

from runner.snippets.catalog import ROOT

SPEED = json.loads((ROOT / "bench" / "speed.json").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", SPEED["rows"], ids=lambda row: row["name"])
def test_the_readme_quotes_each_ratio(row: dict[str, str | float]) -> None:
    assert f"| {row['name']} | {row['compared']} | {row['ratio']:.2f} × |" in README


def test_the_readme_says_where_and_when() -> None:
    assert f"{SPEED['machine']}, on {SPEED['date']}" in README
