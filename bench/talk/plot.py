"""Draw the talk's plots from assets/plots/*.json, which bench/talk/ has measured.

The same data makes the same pictures, byte for byte. Sizes are for a slide 1280 pixels wide that
shows a picture at 1056: no text comes out smaller than 20 pixels. The pictures name the deck's
typeface, which the build embeds.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

PLOTS = Path(__file__).parents[2] / "assets" / "plots"

# The parts' colours and the ink of slides/theme.css.
COLOURS = {"neutral": "#64748b", "dask": "#f58220", "ray": "#1b86ee"}
INK, QUIET, HAIRLINE = "#1c2230", "#566072", "#dcdfe5"

WORKERS = (1, 2, 4, 8, 16)  # of the plot of how it scales

WORTH = 100  # times what a task costs to send, and it is worth that

PIXEL = 72 / 96  # points, as browsers have it
STYLE: dict[str, Any] = {
    # Measured in the second, which is wider: what fits in that fits in the deck's.
    "font.family": ["Inter", "DejaVu Sans"],
    "font.size": 24 * PIXEL,
    "axes.labelsize": 22 * PIXEL,
    "axes.titlesize": 24 * PIXEL,
    "xtick.labelsize": 20 * PIXEL,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "svg.fonttype": "none",  # text remains text, for the deck's typeface
    "svg.hashsalt": "talk",  # ids that do not change from one drawing to the next
}


@dataclass(frozen=True)
class Bar:
    """A median with its extremes, in the unit of the axis."""

    label: str
    part: str
    middle: float
    low: float
    high: float


def bars(data: dict[str, Any], figure: str, scale: float) -> list[Bar]:
    """Return a figure's measurements, in seconds times `scale`."""
    return [
        Bar(
            result["label"],
            result["part"],
            median(result["seconds"]) * scale,
            min(result["seconds"]) * scale,
            max(result["seconds"]) * scale,
        )
        for result in data["results"]
        if result["figure"] == figure
    ]


def speedups(data: dict[str, Any]) -> list[Bar]:
    """Return how many times faster each way is than the first."""
    ways = bars(data, "speedup", 1)
    alone = ways[0].middle
    return [
        Bar(way.label, way.part, alone / way.middle, alone / way.high, alone / way.low)
        for way in ways
    ]


def rounded(value: float) -> str:
    """Two figures are all that a noisy machine can tell."""
    return f"{float(f'{value:.2g}'):,.10g}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def draw(axes: Axes, shown: list[Bar], unit: str, told: list[str]) -> None:
    """Draw a row each: what is told of it, and a whisker from the least to the most."""
    rows = range(len(shown))
    axes.hlines(rows, [b.low for b in shown], [b.high for b in shown], INK, lw=2, zorder=3)
    for row, text in enumerate(told):
        axes.annotate(
            text,
            (1, row),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
        )
    axes.set_yticks(rows, [b.label for b in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlabel(unit)
    axes.grid(axis="x", color=HAIRLINE, zorder=0)


def in_words(seconds: float) -> str:
    """Say a time in the unit that needs the fewest figures."""
    for unit, size in {"s": 1, "ms": 1e-3}.items():
        if seconds >= 0.99 * size:
            return f"{rounded(seconds / size)} {unit}"
    return f"{rounded(seconds * 1e6)} µs"


def draw_dots(axes: Axes, shown: list[Bar], what: str) -> None:
    """Draw seconds on a logarithmic axis, where the length of a bar would mean nothing."""
    draw(axes, shown, f"{what} (each line ten times the one before)", told(shown))
    for row, bar in enumerate(shown):
        axes.plot(bar.middle, row, "o", color=COLOURS[bar.part], ms=18, zorder=2)
    span(axes, shown)


def told(shown: list[Bar]) -> list[str]:
    return [in_words(bar.middle) for bar in shown]


def span(axes: Axes, shown: list[Bar]) -> None:
    """Have room for all of them, and on the right for what is told."""
    axes.set_xscale("log")
    axes.set_xlim(min(b.low for b in shown) / 2, max(b.high for b in shown) * 12)
    axes.xaxis.set_major_formatter(lambda value, _: in_words(value))
    axes.minorticks_off()


def draw_bars(axes: Axes, shown: list[Bar], unit: str) -> None:
    """Draw on a linear axis that begins at nothing."""
    draw(axes, shown, unit, [f"{rounded(bar.middle)} ×" for bar in shown])
    for row, bar in enumerate(shown):
        axes.barh(row, bar.middle, color=COLOURS[bar.part], height=0.6, zorder=2)


def overhead(data: dict[str, Any]) -> Figure:
    figure, axes = plt.subplots(figsize=(11, 4.6), layout="constrained")
    tasks = data["settings"]["tasks"]
    what = f"a task that takes {WORTH} times what it costs to send"
    draw_dots(axes, bars(data, "overhead", WORTH / tasks), what)
    return figure


def transfer(data: dict[str, Any]) -> Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", sharey=True)
    sent, fetched = bars(data, "send", 1), bars(data, "fetch", 1)
    draw_dots(left, sent, "")
    draw_dots(right, fetched, "")
    size = data["settings"]["bytes"] // 10**6
    for axes, title in {left: f"Send {size} MB", right: f"Fetch {size} MB"}.items():
        span(axes, sent + fetched)  # one scale, so that the two can be compared
        axes.set_title(title)
        axes.set_xlabel("each line ten times")
    return figure


def startup(data: dict[str, Any]) -> Figure:
    figure, axes = plt.subplots(figsize=(11, 4.6), layout="constrained")
    draw_dots(axes, bars(data, "startup", 1), "until the first result")
    return figure


def speedup(data: dict[str, Any]) -> Figure:
    figure, axes = plt.subplots(figsize=(11, 4.6), layout="constrained")
    draw_bars(axes, speedups(data), "times as fast as one process")
    workers = data["settings"]["workers"]
    axes.axvline(workers, color=QUIET, ls="--", lw=2, zorder=1)
    axes.annotate(f"all of {workers} cores", (workers, -0.5), ha="center", va="bottom", color=QUIET)
    axes.set_xticks(range(workers + 1))
    axes.set_xlim(0, workers * 1.25)
    return figure


def modelled(data: dict[str, Any], problem: str, way: str, workers: int) -> float:
    """Return the seconds that so many workers would take.

    One after the other all tasks are sent, then each worker does its share: what is sent and what
    is done is measured, that there would be cores for more workers is assumed.
    """
    tasks: int = data["settings"]["tasks"]
    [alone] = measured(data, problem, "one process")
    sent = measured(data, problem, way, empty=True)[-1]
    one = median(alone["seconds"]) / tasks
    return float(median(sent["seconds"]) + ceil(tasks / workers) * one)


def measured(
    data: dict[str, Any], problem: str, way: str, *, empty: bool = False
) -> list[dict[str, Any]]:
    """Return what was measured, by number of workers."""
    return [
        result
        for result in data["results"]
        if (result["problem"], result["way"], result["empty"]) == (problem, way, empty)
    ]


def scaling(data: dict[str, Any]) -> Figure:
    """Draw what was measured as dots; what is a model as a dashed line, and call it one."""
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", sharey=True)
    titles = {"π": "darts: nothing is sent", "letters": "letters: the texts are sent"}
    for axes, (problem, title) in zip(panels, titles.items(), strict=True):
        [one_process] = measured(data, problem, "one process")
        alone = median(one_process["seconds"])
        axes.plot(WORKERS, WORKERS, color=HAIRLINE, lw=4, zorder=1)
        for way, part in {"Dask": "dask", "Ray": "ray"}.items():
            model = [alone / modelled(data, problem, way, workers) for workers in WORKERS]
            axes.plot(WORKERS, model, "--", color=COLOURS[part], lw=2, zorder=2)
            for result in measured(data, problem, way):
                workers, runs = result["workers"], result["seconds"]
                axes.plot(workers, alone / median(runs), "o", color=COLOURS[part], ms=14, zorder=3)
                axes.vlines(workers, alone / max(runs), alone / min(runs), INK, lw=2, zorder=4)
        axes.set_title(title)
        axes.set_xlabel("workers")
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set_xticks(WORKERS, map(str, WORKERS))
        axes.set_yticks(WORKERS, map(str, WORKERS))
        axes.grid(color=HAIRLINE, zorder=0)
    title = "times as fast as one process"
    figure.suptitle(title, x=0, ha="left", fontsize=22 * PIXEL, color=QUIET)
    for way, part in {"Dask": "dask", "Ray": "ray"}.items():
        panels[0].plot([], [], "o", color=COLOURS[part], ms=14, label=f"{way}, measured")
    panels[0].plot([], [], "--", color=QUIET, lw=2, label="a model")
    panels[0].plot([], [], color=HAIRLINE, lw=4, label="as many times as workers")
    panels[0].legend(frameon=False, fontsize=20 * PIXEL)
    return figure


def caption(data: dict[str, Any]) -> str:
    """Say where, with what, when and on how busy a machine it was measured."""
    machine, versions = data["machine"], data["versions"]
    python = ".".join(versions["python"].split(".")[:2])
    return (
        f"{machine['cores']} cores {machine['processor']}, {machine['system']} · "
        f"Python {python}, Dask {versions['dask']}, Ray {versions['ray']} · {data['date']}\n"
        f"median and range of {data['settings']['repeats']} runs · "
        f"load {machine['load_at_start']} of {machine['cores']} cores at the start"
    )


FIGURES = {
    "talk.json": {
        "overhead": overhead,
        "transfer": transfer,
        "startup": startup,
        "speedup": speedup,
    },
    "scaling.json": {"scaling": scaling},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=PLOTS, help="the folder of what to draw")
    parser.add_argument("--out", type=Path, default=PLOTS, help="the folder for the pictures")
    arguments = parser.parse_args()

    mpl.use("svg")
    # The deck's typeface is none of this machine's; that it looks for it need not be told.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    plt.style.use(STYLE)
    for source, figures in FIGURES.items():
        data = json.loads((arguments.data / source).read_text(encoding="utf-8"))
        for name, make in figures.items():
            figure = make(data)
            figure.supxlabel(caption(data), x=0, ha="left", fontsize=20 * PIXEL, color=QUIET)
            path = arguments.out / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None, "Creator": None})
            print(path)


if __name__ == "__main__":
    main()
