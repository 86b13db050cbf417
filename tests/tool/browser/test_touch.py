"""The deck on a phone: what a finger taps there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.tool.browser.slides import (
    DRAWER,
    OUTPUT,
    SHORT,
    STEPS,
    TWO,
    at,
    box,
    go,
    pane,
    plays,
    run_button,
    shows,
    shows_end,
    slide,
    stop_clock,
)

PORTRAIT = {"width": 390, "height": 844}
LANDSCAPE = {"width": 844, "height": 390}
FINGER = 44  # pixels of the screen: the least a target has

# Takes what the buttons would do, and notes which was meant.
NOTE = """() => {
    window.taps = 0;
    window.meant = [];
    addEventListener('click', ({ isTrusted }) => { window.taps += isTrusted; }, true);
    document.querySelectorAll('.bespoke-marp-active .pane-button').forEach((button, number) => {
        button.addEventListener('click', (event) => {
            event.stopImmediatePropagation();
            window.meant.push(`${number} ${button.getAttribute('aria-label')}`);
        }, true);
    });
}"""


# Those that nothing covers: what they are called, and where their middles are.
BUTTONS = """() => [...document.querySelectorAll('.bespoke-marp-active .pane-button')].flatMap(
    (button, number) => {
        const { x, y, width, height } = button.getBoundingClientRect();
        const middle = [x + width / 2, y + height / 2];
        const seen = width > 0 && button.contains(document.elementFromPoint(...middle));
        return seen ? [[`${number} ${button.getAttribute('aria-label')}`, ...middle]] : [];
    })"""


@pytest.fixture(params=[PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def page(browser: Browser, built: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The deck opened on a phone that is held so."""
    context = browser.new_context(
        viewport=request.param, device_scale_factor=3, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.goto(built.as_uri())
    yield page
    context.close()


def missed(page: Page) -> list[str]:
    """The buttons that some point of the 44 × 44 around their middles does not press."""
    page.evaluate(NOTE)
    failed = []
    buttons = page.evaluate(BUTTONS)
    assert buttons
    for label, x, y in buttons:
        reach = FINGER / 2 - 0.5
        for across, down in ((0, 0), (-1, -1), (1, -1), (-1, 1), (1, 1)):
            page.touchscreen.tap(x + across * reach, y + down * reach)
            page.wait_for_function("() => taps === 1")
            meant = page.evaluate("window.taps = 0, window.meant.splice(0)")
            if meant != [label]:
                failed.append(f"{label} at {across, down}: {meant}")
    return failed


@pytest.mark.parametrize("number", [OUTPUT, DRAWER, TWO, STEPS, SHORT])
def test_buttons_are_as_large_as_a_finger(page: Page, number: int) -> None:
    go(page, number)
    corners = page.locator(".bespoke-marp-active figure.code")
    for corner in corners.all():
        expect(corner.get_by_role("button", name="Copy the code (c)")).to_have_css("opacity", "1")
    assert missed(page) == []


def test_buttons_of_a_replay_are_as_large_as_a_finger(page: Page) -> None:
    stop_clock(page)
    run_button(page).tap()
    plays(page, "Stop")
    assert missed(page) == []


def test_drawer_is_opened_and_closed_with_a_finger(page: Page) -> None:
    go(page, DRAWER)
    page.get_by_role("button", name="Replay plain/lines.py (r)").tap()
    expect(pane(page)).to_be_visible()
    shows_end(page)
    expect(pane(page)).to_contain_text("line 40")
    assert missed(page) == []


def swipe(page: Page, start: tuple[float, float], across: int, down: int) -> None:
    """With one finger, as a browser's own gestures know it."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, part: float) -> None:
        x, y = start[0] + across * part, start[1] + down * part
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 0)
    for step in range(1, 11):
        send("touchMove", step / 10)
    send("touchEnd", 1)
    session.detach()


SCROLLED = "() => document.querySelector('.bespoke-marp-active section').scrollTop"


@pytest.fixture
def upright(browser: Browser, built: Path) -> Iterator[Page]:
    """The deck on a small phone that is held upright, at a slide that is longer than its screen."""
    context = browser.new_context(
        viewport={"width": 360, "height": 480},
        device_scale_factor=3,
        is_mobile=True,
        has_touch=True,
    )
    page = context.new_page()
    page.goto(built.as_uri())
    go(page, SHORT)
    yield page
    context.close()


def test_a_slide_held_upright_scrolls_up_and_down(upright: Page) -> None:
    swipe(upright, (300, 300), 0, -150)
    upright.wait_for_function(f"() => ({SCROLLED})() > 50")
    assert at(upright) == SHORT
    for _ in range(3):  # a swift swipe goes on by itself, so that one back may be too short
        swipe(upright, (300, 150), 10, 200)
    upright.wait_for_function(f"() => ({SCROLLED})() === 0")
    assert at(upright) == SHORT


def test_a_swipe_to_the_side_turns(upright: Page) -> None:
    swipe(upright, (300, 30), -150, 10)
    shows(upright, SHORT + 1)
    swipe(upright, (100, 30), 150, 10)
    shows(upright, SHORT)


def test_code_that_is_wider_scrolls_to_the_side(upright: Page) -> None:
    code = slide(upright).locator("figure.code pre").first
    code.evaluate("(pre) => pre.querySelector('.line').append('#'.repeat(100))")
    place = box(code)
    swipe(upright, (300, place["y"] + place["height"] / 2), -150, 5)
    upright.wait_for_function("(pre) => pre.scrollLeft > 50", arg=code.element_handle())
    assert at(upright) == SHORT


def test_a_phone_that_is_turned_shows_the_slide_as_it_is(upright: Page) -> None:
    """And again the page to read when it is turned back."""
    section = slide(upright).locator("section")
    assert box(section)["width"] == pytest.approx(360, abs=1)
    assert box(section)["height"] == pytest.approx(480, abs=1)
    upright.set_viewport_size({"width": 800, "height": 360})
    shown = box(section)
    assert shown["width"] / shown["height"] == pytest.approx(16 / 9, abs=0.01)
    upright.set_viewport_size({"width": 360, "height": 480})
    assert box(section)["width"] == pytest.approx(360, abs=1)
