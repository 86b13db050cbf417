"""A check proves a file that is no program; one that cannot fail proves nothing."""

import sys
from pathlib import Path

import pytest

from runner.snippets.catalog import Snippet, UnknownSnippetError, find
from runner.snippets.checks import checks, fault

PARSES = f"{sys.executable} -m json.tool --compact"


@pytest.fixture
def snippet(tmp_path: Path) -> Snippet:
    """A file of JSON in a folder of snippets."""
    root = tmp_path / "snippets"
    root.mkdir()
    (root / "a.json").write_text('{"a": [1, 2]}\n')
    return Snippet("a.json", root)


def test_a_file_passes_its_check(snippet: Snippet) -> None:
    assert fault(snippet, PARSES) == ""


@pytest.mark.parametrize(
    ("text", "command", "message"),
    [
        ('{"a": [1, 2}', PARSES, "a.json: its check has ended with 1: "),
        ("", PARSES, "Expecting value"),
        ("{}", "true", "a.json: its check passes what is damaged, too, so it proves nothing: true"),
        ("{}", "cat", "so it proves nothing: cat; write one that looks at what is in the file"),
        ("{}", "test -f", "so it proves nothing"),
        (
            "{}",
            "no-such-program",
            "a.json: its check has ended with 127: no-such-program\nit canno",
        ),
        ("{}", "cat '", "it cannot be started: No closing quotation"),
    ],
)
def test_what_is_wrong_is_told(snippet: Snippet, text: str, command: str, message: str) -> None:
    snippet.path.write_text(text)
    assert message in fault(snippet, command)


def test_checks_are_declared_in_one_file(snippet: Snippet) -> None:
    assert checks(snippet.root) == {}
    (snippet.root / "checks.json").write_text('{"a.json": "jq ."}')
    assert checks(snippet.root) == {"a.json": "jq ."}


def test_a_file_that_is_no_program_is_not_run(snippet: Snippet) -> None:
    with pytest.raises(UnknownSnippetError, match=r"'a\.json' is no program; what proves it is "):
        find("a.json", snippet.root)
