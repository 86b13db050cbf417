"""The slide that is shown, as its audience and its speaker use it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

OUTPUT, DRAWER, DASK, RAY, TWO, DASHBOARD, STEPS, END = range(1, 9)


def go(page: Page, number: int) -> None:
    """Turn to a slide as a reader does, by its address."""
    page.evaluate(f"location.hash = '#{number}'")
    expect(slide(page)).to_be_visible()
    assert at(page) == number


def at(page: Page) -> int:
    """The number of the slide that is shown."""
    number: int = page.evaluate(
        "[...document.querySelectorAll('.bespoke-marp-slide')]"
        ".findIndex((slide) => slide.classList.contains('bespoke-marp-active')) + 1"
    )
    return number


def slide(page: Page) -> Locator:
    return page.locator(".bespoke-marp-active")


def pane(page: Page, number: int = 0) -> Locator:
    return slide(page).locator("[data-pane]").nth(number)


def screen(page: Page) -> Locator:
    return pane(page).locator(".screen")


def status(page: Page) -> Locator:
    return pane(page).locator(".pane-status")


def run_button(page: Page) -> Locator:
    return pane(page).get_by_role("button", name=re.compile("^(Run|Replay)"))


def shows_run(page: Page, upto: str) -> None:
    """Wait until the slide's snippet runs and has printed this, not in an earlier run."""
    expect(status(page)).to_have_text(re.compile(r"^\d\.\d s$"))
    expect(screen(page)).to_contain_text(upto)


def shows_end(page: Page, timeout: float = 20) -> None:
    """Wait until the slide's snippet has run well."""
    expect(status(page)).to_contain_text("exit 0", timeout=timeout * 1000)


LIT = """[...document.querySelectorAll('.bespoke-marp-active .line[data-steps]')]
    .map((line, index) => [index + 1, getComputedStyle(line).backgroundColor])
    .filter(([, background]) => background !== 'rgba(0, 0, 0, 0)')
    .map(([number]) => number)"""


def lit(page: Page) -> list[int]:
    """The lines of the slide's code that are pointed at, from 1."""
    numbers: list[int] = page.evaluate(LIT)
    return numbers


def shows_lit(page: Page, lines: list[int]) -> None:
    """Wait until these lines are pointed at, which another window may have asked for."""
    page.wait_for_function(f"(lines) => String({LIT}) === String(lines)", arg=lines)


def box(locator: Locator) -> Any:
    return locator.bounding_box()
