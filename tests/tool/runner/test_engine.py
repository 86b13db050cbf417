"""What the engine says of the deck: whether it is old, and what is on it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from runner.engine import DeckError, is_stale, read_deck
from runner.snippets.catalog import ROOT


def stale(root: Path) -> bool:
    return is_stale(root / "dist" / "index.html", root)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A repository whose page says that it was made of what is there."""
    for name in (*MADE_OF, "dist/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert stale(tmp_path)
    script = f"""
        import {{ writeFileSync }} from 'node:fs';
        import {{ digest, mark }} from '{(ROOT / "engine" / "read" / "sources.mjs").as_uri()}';
        writeFileSync('dist/index.html', mark('<head></head>', digest('.')));
    """
    command = ["node", "--input-type=module", "--eval", script]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert not stale(tmp_path)
    return tmp_path


MADE_OF = ("slides/deck.md", "snippets/ray/client.py", "poetry.lock", "engine/build.mjs")
LITTER = ("snippets/ray/__pycache__/client.pyc", "slides/.deck.md.swp", "slides/deck.md~")


@pytest.mark.parametrize("name", MADE_OF)
def test_a_deck_is_old_when_what_it_is_made_of_has_changed(built: Path, name: str) -> None:
    (built / name).touch()
    assert not stale(built), "saved as it was"
    (built / name).write_text("else")
    assert stale(built)
    (built / name).write_text(name)
    assert not stale(built), "taken back"
    (built / name).unlink()
    assert stale(built)


def test_a_deck_is_old_without_its_page_and_with_a_new_file(built: Path) -> None:
    (built / "snippets" / "new.py").touch()
    assert stale(built)
    (built / "snippets" / "new.py").unlink()
    assert not stale(built)
    (built / "dist" / "index.html").unlink()
    assert stale(built)


@pytest.mark.parametrize("name", LITTER)
def test_what_python_and_editors_leave_makes_no_deck_old(built: Path, name: str) -> None:
    (built / name).parent.mkdir(exist_ok=True)
    (built / name).touch()
    assert not stale(built)


def test_the_deck_is_what_its_slides_show(tmp_path: Path) -> None:
    """That with which a new talk begins."""
    shutil.copytree(ROOT / "starter", tmp_path, dirs_exist_ok=True)
    for name in ("slides/theme.css", "poetry.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    deck = read_deck(tmp_path)
    slide = deck.slides[1]
    assert slide.headings == ["A program, and what it printed"]
    assert float(slide.note("Time") or 0) > 0
    assert {block["kind"] for block in deck.blocks} == {"code", "output"}
    assert {block["slide"] for block in deck.blocks} <= set(range(1, len(deck.slides) + 1))
    assert "dask/squares.py" in deck.snippets


def test_a_deck_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    for name in ("slides", "snippets"):
        (tmp_path / name).mkdir()
    (tmp_path / "slides" / "deck.md").write_text("<<< a.py\n\n<<< b.py\n")
    (tmp_path / "slides" / "theme.css").write_text("/* @theme distributed */\n")
    (tmp_path / "poetry.lock").touch()
    with pytest.raises(DeckError, match=r"deck.md:1: no snippet 'a.py'.*\n.*deck.md:3: no snippet"):
        read_deck(tmp_path)
