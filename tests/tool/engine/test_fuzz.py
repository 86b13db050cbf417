"""Whatever a deck, a snippet or a recording has in it, it is shown or told with its line.

Never with a stack, which ends it, nor with a slide less.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine import DamagedError, DeckError, EditError, edit, read_deck, read_recording
from runner.snippets.catalog import ROOT
from tests.helpers.fuzz import attempt, lengths

FAULT = re.compile(r"slides/deck\.md:[1-9]\d*: \S.*; \S.*", re.DOTALL)

# What means something in a deck; hypothesis makes nonsense of it.
PIECES = [
    "---",
    "---\n\n# Title",
    "# Title",
    "<<<",
    "<<< a.py",
    "<<< a.py#one",
    "<<< a.py#on",
    "<<< ../a.py",
    "<<< .",
    "<<< a.py#one {1|2|all}",
    "<<< a.py {9-2}",
    "<<< a.py {1-99999999999999}",
    ">>>",
    ">>> a.py",
    ">>> a.py {1-2}",
    '>>> a.py {from "a" to "b"}',
    ">>> nothing.py",
    "```python",
    "```mermaid",
    "flowchart LR\n  a --> b",
    "```",
    "~~~",
    "<!-- Time: 3 -->",
    "<!-- Short: yes -->",
    "<!--",
    "-->",
    "<!-- _class: lead -->",
    "<!-- class: [ -->",
    "![words](a.png)",
    "![](a.dot)",
    "![bg left:30%](../assets/nothing.svg)",
    "![w:9999999px](data:image/png;base64,AAAA)",
    "$e^{i\\pi}$",
    "$$\n\\frac{1}{\n$$",
    "$\\undefined{$",
    "| a | b |\n|---|---|\n| 1 |",
    "<div>",
    "</section>",
    "<script>",
    "<svg data-marpit-svg>",
    "<style scoped>",
    "{{ versions }}",
    "* one\n* two",
    "1) a",
    "[link](http://127.0.0.1:8787/status)",
    "[link]: <",
    ":smile:",
    "\u200b",
    "\x00",
    "\ufeff",
    "\r",
]

HEADS = [
    "",
    "---\nmarp: true\ntheme: distributed\n---\n",
    "---\npdf: steps\n---\n",
    "---\ntheme: nothing\n---\n",
    "---\nsize: [1, 2]\n---\n",
    "---\nheadingDivider: 99\n---\n",
    "---\n- a\n- b\n---\n",
    "---\na: &a [*a]\n---\n",
    "---\nstyle: '}'\n---\n",
    "---\n: :\n---\n",
    "---\nmarp: true\n",
]

LINES = st.one_of(st.sampled_from(PIECES), st.text(max_size=30))
DECKS = st.builds(
    lambda head, lines: head + "\n".join(lines),
    st.one_of(st.sampled_from(HEADS), st.text(max_size=30).map("---\n{}\n---\n".format)),
    st.lists(LINES, max_size=40),
)

MARKERS = [
    "# region one",
    "  # region one",
    "# endregion one",
    "# endregion",
    "# region",
    "# region two",
    "# endregion two",
    "#region one",
    "// region one",
    "/* region one */",
    "<!-- region one -->",
    "# snippet: exit 1",
    "# snippet: terminal 1x1",
    '"""',
    "'''",
    "#!/bin/sh",
    "x = 1  # 1",
    "\t",
]
FILES = st.one_of(
    st.lists(st.one_of(st.sampled_from(MARKERS), st.text(max_size=20)), max_size=10).map(
        lambda lines: "\n".join(lines).encode(errors="surrogatepass")
    ),
    st.binary(max_size=40),
)
NAMES = st.sampled_from(["a.py", "a.sh", "a.js", "a.html", "a.yaml", "Makefile", "a.xyz", "a"])

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
PROGRAM = "# region one\nprint(1)\n# endregion one\n"
DIGEST = f"sha256:{hashlib.sha256(PROGRAM.encode()).hexdigest()}"
HEADER: dict[str, Any] = {
    "version": 3,
    "term": {"cols": 72, "rows": 24},
    "command": "python snippets/a.py",
    "sources": {"a.py": DIGEST},
    "versions": {"python": "3.11.7"},
}
ODD_SOURCES = st.sampled_from(
    [{"a.py": DIGEST, name: ""} for name in (".", "..", "/", "\x00", "a.py/b")]
)
HEADERS = st.one_of(
    st.just(HEADER),
    st.builds(
        lambda name, value: HEADER | {name: value}, st.sampled_from([*HEADER, "status"]), JSON
    ),
    ODD_SOURCES.map(lambda sources: HEADER | {"sources": sources}),
    JSON,
)
EVENTS = st.one_of(
    st.tuples(st.floats(0, 9), st.sampled_from("ox"), st.text(max_size=20)),
    st.sampled_from([[0, "x", "0"], [0.1, "o", "\x1b[99999999L\x1b[31mred"], [0, "o", "\x1b]8;;"]]),
    JSON,
)
CASTS = st.one_of(
    st.builds(
        lambda header, events, end: b"".join(
            json.dumps(line).encode() + b"\n" for line in [header, *events, *end]
        ),
        HEADERS,
        st.lists(EVENTS, max_size=4),
        st.sampled_from([[], [[0, "x", "0"]]]),
    ),
    st.binary(max_size=60),
)


MANY = 10  # cases for each question, since most of what that takes is the same for one


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a snippet and an empty deck."""
    for folder in ("slides", "snippets", "assets"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "slides" / "theme.css", tmp_path / "slides")
    shutil.copy(ROOT / "poetry.lock", tmp_path)
    (tmp_path / "snippets" / "a.py").write_text(PROGRAM)
    (tmp_path / "assets" / "a.dot").write_text("digraph { a -> b")
    return tmp_path


def shown(root: Path, deck: str) -> int:
    """How many slides a deck has; 0 where faults say why there are none."""
    (root / "slides" / "deck.md").write_text(deck, encoding="utf-8", errors="replace")
    try:
        slides = len(read_deck(root).slides)
        assert slides > 0
        return slides
    except DeckError as error:
        assert FAULT.fullmatch(str(error).partition("\nslides/deck.md")[0]), str(error)
        return 0


def slides_of(blocks: Iterable[str]) -> str:
    return "\n\n---\n\n".join(f"# Title\n\n{block}" for block in blocks)


@pytest.mark.parametrize("examples", lengths(8, 80))
def test_a_deck_is_shown_or_told_by_line(examples: int, root: Path) -> None:
    @given(DECKS)
    def holds(text: str) -> None:
        shown(root, text)

    attempt(holds, examples)


@pytest.mark.parametrize("examples", lengths(4, 60))
def test_a_snippet_is_shown_or_told_by_line(examples: int, root: Path) -> None:
    """Also as code that is edited."""
    cases = st.tuples(NAMES, FILES, st.sampled_from(["", "#one", "#two", "#"]), st.text(max_size=9))

    @given(st.lists(cases, min_size=1, max_size=MANY))
    def holds(snippets: list[tuple[str, bytes, str, str]]) -> None:
        texts = {}
        for number, (name, data, region, text) in enumerate(snippets):
            file = root / "snippets" / str(number) / name
            shutil.rmtree(file.parent, ignore_errors=True)
            file.parent.mkdir()
            file.write_bytes(data)
            texts[f"{number}/{name}{region}"] = text
        assert shown(root, slides_of(f"<<< {name}" for name in texts)) in (0, len(texts))
        for name, text in texts.items():
            try:
                assert list(edit({name: text}, root)) == [name.partition("#")[0]]
            except EditError as error:
                assert "; " in str(error)

    attempt(holds, examples)


@pytest.mark.parametrize("examples", lengths(4, 100))
def test_a_recording_is_read_or_told_by_line(examples: int, root: Path) -> None:
    """By itself, and as the output on a slide of a draft, which shows all the same."""

    @given(st.lists(CASTS, min_size=1, max_size=MANY))
    def holds(casts: list[bytes]) -> None:
        names = []
        for number, data in enumerate(casts):
            folder = root / "snippets" / str(number)
            folder.mkdir(exist_ok=True)
            shutil.copy(root / "snippets" / "a.py", folder)
            cast = folder / "a.py.cast"
            cast.write_bytes(data.replace(b'"a.py"', f'"{number}/a.py"'.encode()))
            names.append(f"{number}/a.py")
            try:
                read_recording(cast, names[-1])
            except DamagedError as error:
                assert 1 <= error.line <= 1 + data.count(b"\n")
                assert str(error)
        assert shown(root, slides_of(f">>> {name}" for name in names)) in (0, len(names))

    attempt(holds, examples)
