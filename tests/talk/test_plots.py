"""The plots on the slides show what was measured, and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PLOTS = ROOT / "assets" / "plots"
DATA = ["scaling.json", "talk.json"]
NAMES = ["overhead.svg", "scaling.svg", "speedup.svg", "startup.svg", "transfer.svg"]


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PLOTS / name).read_text(encoding="utf-8"))
    return found


def draw(data: Path, folder: Path) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, ROOT / "bench" / "talk" / "plot.py", "--data", data, "--out", folder],
        check=True,
    )
    return {path.name: path.read_bytes() for path in folder.glob("*.svg")}


def test_the_pictures_are_what_the_data_draws(tmp_path: Path) -> None:
    drawn = draw(PLOTS, tmp_path)
    assert sorted(drawn) == NAMES
    stale = [name for name in NAMES if (PLOTS / name).read_bytes() != drawn[name]]
    assert not stale, f"{stale} are not drawn from the data; run: python -m bench.talk.plot"


def test_other_data_draws_other_pictures(tmp_path: Path) -> None:
    for name in DATA:
        data = load(name)
        for number, result in enumerate(data["results"], start=1):
            result["seconds"] = [number * value for value in result["seconds"]]
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    drawn = draw(tmp_path, tmp_path)
    assert all((PLOTS / name).read_bytes() != drawn[name] for name in NAMES)


@pytest.mark.parametrize("name", DATA)
def test_the_data_says_what_was_measured_when_with_what_and_how_often(name: str) -> None:
    data = load(name)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", data["date"])
    assert data["machine"].keys() == {"cores", "memory_gib", "processor", "system", "load_at_start"}
    assert data["versions"].keys() == {"python", "dask", "distributed", "ray"}
    assert data["settings"]["repeats"] >= 3
    for result in data["results"]:
        assert len(result["seconds"]) == data["settings"]["repeats"]
        assert all(value > 0 for value in result["seconds"])


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_needs_nothing_from_elsewhere(name: str) -> None:
    """It is lettered in the deck's typeface, which the build embeds wherever it is named."""
    svg = (PLOTS / name).read_text(encoding="utf-8")
    fonts = re.findall(r"<text[^>]*font-family: ([^,;]*)", svg)
    assert set(fonts) == {"'Inter'"}
    assert "<image" not in svg
    assert not re.search(r'href="(?!#)', svg)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_how_busy_the_machine_was(name: str) -> None:
    svg = (PLOTS / name).read_text(encoding="utf-8")
    assert re.search(r"load [\d.]+ of \d+ cores at the start", svg)
