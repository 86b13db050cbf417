"""Figures and images that a program shows are printed, recorded and compared."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from runner.engine import show
from runner.processes.process import run
from runner.recordings.compare import compare, screen
from runner.recordings.pictures import differ
from runner.snippets.catalog import Snippet

PLOT = """\
import matplotlib.pyplot as plt

print("before")
plt.plot([1, 2, 4], [1, 1.9, 3.6])
plt.title("Speed-up")
plt.xlabel("workers")
plt.show()
print("after")
"""


def program(folder: Path, text: str) -> Snippet:
    (folder / "snippets").mkdir(exist_ok=True)
    (folder / "snippets" / "program.py").write_text(text)
    return Snippet("program.py", folder / "snippets")


def printed(folder: Path, text: str) -> str:
    result = run(program(folder, text))
    assert result.status == 0, result.text
    return result.text


@pytest.fixture(scope="module")
def plot(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the program prints that shows a plot."""
    return printed(tmp_path_factory.mktemp("plot"), PLOT)


def test_a_plot_is_shown_where_it_was_printed(plot: str, tmp_path: Path) -> None:
    text = screen(program(tmp_path, PLOT), plot).text
    assert text == "before\n[picture 1280x960: Speed-up, workers]\nafter"
    [picture] = show(plot, 72, 24).pictures
    assert Image.open(io.BytesIO(picture)).size == (1280, 960)


def test_the_same_plot_is_the_same_and_another_is_not(plot: str, tmp_path: Path) -> None:
    again = printed(tmp_path, PLOT)
    snippet = program(tmp_path, PLOT)
    assert compare(snippet, plot, again) == ""
    other = printed(tmp_path, PLOT.replace("3.6]", "3.5]"))
    difference = compare(snippet, plot, other)
    assert "\npicture 1: " in difference
    assert "of its pixels differ" in difference
    assert "npm run record program.py" in difference
    smaller = printed(tmp_path, PLOT.replace("plt.plot", "plt.figure(figsize=(3, 3))\nplt.plot"))
    assert "+[picture 600x600: Speed-up, workers]" in compare(snippet, plot, smaller)


def test_an_image_of_pillow_is_shown(tmp_path: Path) -> None:
    text = (
        "from PIL import Image\nprint(1)\n"
        'Image.new("RGB", (30, 20), "red").show(title="a flag")\nprint(2)\n'
    )
    output = printed(tmp_path, text)
    assert screen(program(tmp_path, text), output).text == "1\n[picture 30x20: a flag]\n2"


def test_programs_without_pictures_see_nothing_of_it(tmp_path: Path) -> None:
    text = (
        "import sys\nprint([name for name in sys.modules if 'PIL' in name or 'pictures' in name])"
    )
    assert printed(tmp_path, text) == "[]\r\n"


def picture(draw: str = "", size: tuple[int, int] = (640, 480), ink: str = "black") -> bytes:
    image = Image.new("RGB", size, "white")
    if draw == "line":
        ImageDraw.Draw(image).line([(0, 100), (size[0], 100)], fill=ink, width=2)
    if draw == "moved":
        ImageDraw.Draw(image).line([(0, 110), (size[0], 110)], fill=ink, width=2)
    if draw == "point":
        ImageDraw.Draw(image).rectangle((50, 50, 54, 54), fill=ink)
    if "digit" in draw:
        ImageDraw.Draw(image).text((50, 50), "5" if "other" in draw else "6", fill=ink)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (picture("line"), picture("line"), ""),
        (picture("line", ink="#101010"), picture("line", ink="#202020"), ""),
        (picture(), picture("point"), "0.01% of its pixels differ (25)"),
        (picture("digit"), picture("other digit"), "0.0"),
        (picture(), picture("line", ink="#d8d8d8"), "0.42% of its pixels differ (1280)"),
        (picture(), picture()[:90], "it cannot be read: "),
        (picture(), b"", "it cannot be read: "),
        (picture("line"), picture("moved"), "0.83% of its pixels differ (2560)"),
        (picture("line"), picture(), "0.42% of its pixels differ (1280)"),
        (picture("line", ink="red"), picture("line", ink="blue"), "0.42% of its pixels differ"),
        (picture(), picture(size=(640, 481)), "it was 640x480 pixels, and is 640x481"),
    ],
)
def test_pictures_differ_if_somebody_would_see_it(old: bytes, new: bytes, difference: str) -> None:
    assert differ(old, new).startswith(difference)
    assert bool(differ(old, new)) == bool(difference)
