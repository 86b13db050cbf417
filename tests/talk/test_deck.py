"""The deck as its audience sees it."""

from runner.snippets.catalog import ROOT
from tests.helpers.inspection import browser_page, build, inspect


def test_the_deck_has_nothing_to_be_ashamed_of() -> None:
    build(ROOT)
    with browser_page() as page:
        findings = inspect(page, ROOT / "dist" / "index.html")
    assert not findings, "\n" + "\n".join(map(str, findings))
