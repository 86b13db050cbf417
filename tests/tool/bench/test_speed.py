"""The README says of our speed what was measured, and nothing else."""

import asyncio
import json
import socket

import pytest

from bench.speed import seen, start_by_hand
from runner.clusters.kinds import HOST
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port
from runner.snippets.catalog import ROOT

SPEED = json.loads((ROOT / "bench" / "speed.json").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", SPEED["rows"], ids=lambda row: row["name"])
def test_the_readme_quotes_each_ratio(row: dict[str, str | float]) -> None:
    assert f"| {row['name']} | {row['compared']} | {row['ratio']:.2f} × |" in README


def test_the_readme_says_where_and_when() -> None:
    assert f"{SPEED['machine']}, on {SPEED['date']}" in README


def test_the_start_of_a_cluster_that_runs_already_is_not_measured() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} is held by .*; end that, and measure"):
            asyncio.run(start_by_hand(Dask(port, free_port())))


def test_a_presentation_that_ends_before_all_is_ready_is_not_measured() -> None:
    lines = ["The deck is at http://127.0.0.1:8099", "Dask ready: 127.0.0.1:8786"]
    shown, ready = seen(lines, [Dask()])
    assert 0 < shown <= ready
    for rest in (lines[:1], lines[1:], []):
        with pytest.raises(SystemExit, match=r"ended before"):
            seen(rest, [Dask()])
