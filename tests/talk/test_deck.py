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

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}
LEGIBLE = 13  # pixels of a phone's screen, as CSS counts them

# What cannot be read on the slide shown: words that are too small, and what sticks out and does not
# scroll. The words in pictures are as large as those are.
UNREAD = """(least) => {
    const slide = document.querySelector('.bespoke-marp-active');
    const section = slide.querySelector('section');
    const scale = section.getBoundingClientRect().width / section.offsetWidth;
    const name = (element) => `${element.tagName} «${element.textContent.trim().slice(0, 40)}»`;
    const scrolls = (element) => {
        for (let at = element; at !== section; at = at.parentElement)
            if (getComputedStyle(at).overflowX === 'auto') return true;
        return false;
    };
    if (innerWidth !== screen.width) return [`the phone zooms out to show ${innerWidth} px`];
    return [...section.querySelectorAll('*:not(svg *)')].flatMap((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        if (width === 0 || !element.checkVisibility()) return [];
        const size = parseFloat(getComputedStyle(element).fontSize) * scale;
        const texts = [...element.childNodes].filter(({ nodeType }) => nodeType === 3);
        const words = texts.some(({ data }) => data.trim());
        const faults = words && size < least ? [`${name(element)} is ${size} px high`] : [];
        if ((left < -1 || right > innerWidth + 1) && !scrolls(element))
            faults.push(`${name(element)} is cut off`);
        return faults;
    });
}"""


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


def test_a_phone_held_upright_shows_all_that_one_reads(deck: Path) -> None:
    """Without pinching, and on every slide; what is too wide scrolls sideways."""
    with browser_page(**PHONE) as page:
        page.goto(deck.as_uri())
        page.wait_for_selector(".bespoke-marp-active")
        found = {}
        for number in range(1, page.locator("svg.bespoke-marp-slide").count() + 1):
            page.evaluate("(number) => { location.hash = `#${number}`; }", number)
            page.wait_for_selector(f".bespoke-marp-slide:nth-of-type({number}).bespoke-marp-active")
            found[number] = page.evaluate(UNREAD, LEGIBLE)
    assert not any(found.values()), {number: faults for number, faults in found.items() if faults}
