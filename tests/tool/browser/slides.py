"""The slide that is shown, as its audience and its speaker use it."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

OUTPUT, DRAWER, DASK, RAY, TWO, DASHBOARD, STEPS, SHORT, END, TABLE, QUESTION, FIGURE = range(1, 13)


def enter(page: Page, link: str) -> None:
    """Open a link, and with the keys that it gives the deck."""
    page.goto(link)
    page.wait_for_url(lambda url: "token" not in url)


def go(page: Page, number: int) -> None:
    """Turn to a slide as a reader does, by its address."""
    page.evaluate(f"location.hash = '#{number}'")
    shows(page, number)


AT = """[...document.querySelectorAll('.bespoke-marp-slide')]
    .findIndex((slide) => slide.classList.contains('bespoke-marp-active')) + 1"""


def at(page: Page) -> int:
    """The number of the slide that is shown."""
    number: int = page.evaluate(AT)
    return number


def shows(page: Page, number: int) -> None:
    """Wait until this slide is shown."""
    page.wait_for_function(f"(number) => {AT} === number", arg=number)


def slide(page: Page) -> Locator:
    return page.locator(".bespoke-marp-active")


def pane(page: Page, number: int = 0) -> Locator:
    return slide(page).locator("[data-pane]").nth(number)


def screen(page: Page) -> Locator:
    return pane(page).locator(".screen")


def status(page: Page, number: int = 0) -> Locator:
    return pane(page, number).locator(".pane-status")


def run_button(page: Page) -> Locator:
    return pane(page).get_by_role("button", name=re.compile("^(Run|Replay)"))


def shows_run(page: Page, upto: str) -> None:
    """Wait until the slide's snippet runs and has printed this, not in an earlier run."""
    expect(status(page)).to_have_text(re.compile(r"^\d+\.\d s$"))
    expect(screen(page)).to_contain_text(upto)


def shows_end(page: Page, number: int = 0) -> None:
    """Wait until the slide's snippet has run well."""
    expect(status(page, number)).to_contain_text("exit 0", timeout=60_000)


def stop_clock(page: Page) -> None:
    """From now on no time passes in the windows of this browser but what `plays` lets pass."""
    page.clock.install(time=0)
    page.clock.pause_at(3600)


def plays(page: Page, upto: str) -> int:
    """Let time pass until the slide's replay shows this; return how many milliseconds it took."""
    last = time.monotonic() + 60
    for passed in range(TICK, 60_000, TICK):
        page.clock.run_for(TICK)
        if upto in pane(page).inner_text():
            return passed
        if time.monotonic() > last:
            break
    raise AssertionError(f"the replay does not show {upto!r}: {pane(page).inner_text()}")


TICK = 10  # milliseconds


@contextmanager
def heard(page: Page, kind: str) -> Iterator[None]:
    """What is done here makes an event of this kind; wait until the page has dealt with it."""
    page.evaluate(HEAR, kind)
    yield
    page.wait_for_function("() => heard")


HEAR = """(kind) => {
    window.heard = false;
    const hear = () => setTimeout(() => { window.heard = true; });
    addEventListener(kind, hear, { capture: true, once: true });
}"""


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
