"""The deck as its audience sees it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from runner.snippets.catalog import ROOT
from tests.helpers.inspection import browser_page, build, inspect

# The boxes of an open drawer, its lines and the lines of the code that it runs, on the slide shown.
BOXES = """() => {
    const slide = document.querySelector('.bespoke-marp-active');
    const box = (element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return { left, top, right, bottom };
    };
    return [...slide.querySelectorAll('.pane-drawer')].map((drawer) => {
        const code = `figure.code[data-run="${drawer.dataset.pane}"] .line`;
        const screen = drawer.querySelector('.screen');
        const height = parseFloat(getComputedStyle(screen).lineHeight);
        return {
            slide: box(slide.querySelector('section')),
            drawer: box(drawer),
            lines: [...slide.querySelectorAll(code)].map(box),
            rows: screen.clientHeight / height,
            run: drawer.dataset.pane,
        };
    });
}"""
READABLE = 4  # lines of output

Box = dict[str, float]


@pytest.fixture(scope="module")
def deck() -> Path:
    """The page, built."""
    build(ROOT)
    return ROOT / "dist" / "index.html"


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of the slide's size."""
    with browser_page() as page:
        yield page


def test_the_deck_has_nothing_to_be_ashamed_of(page: Page, deck: Path) -> None:
    findings = inspect(page, deck)
    assert not findings, "\n" + "\n".join(map(str, findings))


def test_code_that_runs_stays_in_view(page: Page, deck: Path) -> None:
    """On every slide that shows code without its output, that opens where the code is not."""
    page.goto(deck.as_uri())
    page.wait_for_selector(".bespoke-marp-active")
    count = page.locator("svg.bespoke-marp-slide").count()
    openers = page.locator(".pane-corner [aria-label^=Replay]")
    opened = 0
    for number in range(1, count + 1):
        page.evaluate("(number) => { location.hash = `#${number}`; }", number)
        for opener in page.locator(".bespoke-marp-active").locator(openers).all():
            opener.click()
            (found,) = page.evaluate(BOXES)
            place = f"slide {number}, {found['run']}"
            assert found["lines"], place
            assert found["rows"] >= READABLE, place
            assert all(inside(box, found["slide"]) for box in (found["drawer"], *found["lines"])), (
                place
            )
            assert not any(meet(found["drawer"], line) for line in found["lines"]), place
            page.keyboard.press("Escape")
            opened += 1
    assert opened == openers.count()


def inside(inner: Box, outer: Box) -> bool:
    return (
        inner["left"] >= outer["left"]
        and inner["top"] >= outer["top"]
        and inner["right"] <= outer["right"]
        and inner["bottom"] <= outer["bottom"]
    )


def meet(one: Box, other: Box) -> bool:
    return (
        one["left"] < other["right"]
        and other["left"] < one["right"]
        and one["top"] < other["bottom"]
        and other["top"] < one["bottom"]
    )
