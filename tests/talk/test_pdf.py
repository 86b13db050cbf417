"""The PDF that is handed out."""

import re
import subprocess
import zlib
from pathlib import Path

import pytest

from runner.snippets.catalog import ROOT


@pytest.fixture(scope="module")
def pdf() -> str:
    """What the deck's PDF says of its objects."""
    command = ["node", "engine/build.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dictionaries(ROOT / "dist" / "deck.pdf")


def dictionaries(path: Path) -> str:
    """The text of a PDF, with that of its streams, in which some objects are packed."""
    data = path.read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    return b"\n".join([data, *map(unpacked, streams)]).decode("latin1")


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:  # a picture
        return b""


def test_its_letters_are_letters(pdf: str) -> None:
    """A font of Type 3 is outlines: slow to draw, coarse on some screens, without hints."""
    fonts = re.findall(r"/Type ?/Font\s*/Subtype ?/(\w+)", pdf)
    assert "Type0" in fonts
    assert "Type3" not in fonts


def test_no_icon_stands_on_its_pages(pdf: str) -> None:
    """Notes are for the speaker; `--pdf-notes` is for whoever wants them there."""
    assert re.search(r"/Type ?/Page\b", pdf)
    assert not re.search(r"/Subtype ?/Text\b", pdf)
