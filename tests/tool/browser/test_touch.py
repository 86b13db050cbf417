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
    go,
    pane,
    plays,
    run_button,
    shows_end,
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
