"""Guests from the network: the phone that steers, and the audience that follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser, BrowserContext, Page, expect

from runner.clusters.keeper import Clusters
from runner.live.runs import Runs
from runner.web.guests import EVERYWHERE, Audience, Guests, Remote, inviting
from runner.web.listener import listen, listening
from runner.web.server import Deck
from tests.tool.browser.conftest import PATIENCE, Hold, Serve
from tests.tool.browser.slides import (
    DASK,
    DRAWER,
    END,
    OUTPUT,
    STEPS,
    at,
    enter,
    go,
    pane,
    screen,
    shows,
    shows_end,
    shows_lit,
    shows_run,
)

SETTLED = 1500  # milliseconds after which a phone shows what became of what it has asked for

PHONE = {
    "viewport": {"width": 412, "height": 839},
    "device_scale_factor": 2.625,
    "is_mobile": True,
    "has_touch": True,
}


@pytest.fixture
def runs(portal: BlockingPortal, folder: Path) -> Iterator[Runs]:
    with portal.wrap_async_context_manager(Runs(dict, folder / "snippets")) as runs:
        yield runs


@pytest.fixture
def deck(serve: Serve, runs: Runs) -> Iterator[Deck]:
    with serve(Clusters(), runs) as deck:
        yield deck


@pytest.fixture
def remote(portal: BlockingPortal, deck: Deck) -> Iterator[Guests]:
    with portal.wrap_async_context_manager(inviting(deck, Remote, 0)) as guests:
        yield guests


@pytest.fixture
def audience(portal: BlockingPortal, deck: Deck) -> Iterator[Guests]:
    with portal.wrap_async_context_manager(inviting(deck, Audience, 0)) as guests:
        yield guests


@pytest.fixture
def page(deck: Deck, context: BrowserContext) -> Page:
    """The projector's window."""
    page = context.new_page()
    enter(page, deck.link())
    expect(pane(page)).to_be_visible()
    return page


@pytest.fixture
def presenter(page: Page) -> Page:
    """The presenter view beside it."""
    with page.context.expect_page() as opened:
        page.keyboard.press("p")
    return opened.value


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    with guest(browser) as page:
        yield page


@contextmanager
def guest(browser: Browser) -> Iterator[Page]:
    """Somebody's phone."""
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def paired(remote: Guests, phone: Page) -> Page:
    """A phone that has scanned the code."""
    enter(phone, remote.access.link())
    return phone


def codes(page: Page) -> list[str]:
    """The links of the codes that a page shows."""
    return page.locator(".guest-codes code").all_inner_texts()


def tap(phone: Page, name: str) -> None:
    phone.locator(".phone").get_by_role("button", name=name, exact=True).tap()


def test_a_phone_that_scans_the_code_steers(
    remote: Guests, page: Page, presenter: Page, phone: Page
) -> None:
    """Each tap is a step in both windows. The code is shown to the speaker, until it is used."""
    expect(presenter.locator(".guest-codes")).to_be_visible()
    expect(page.locator(".guest-codes")).to_be_hidden()
    (link,) = codes(presenter)
    phone.goto(link)
    expect(presenter.locator(".guest-codes")).to_be_hidden()
    expect(phone.locator(".phone-place")).to_have_text("1 / 12")
    tap(phone, "Next")
    shows(page, DRAWER)
    shows(presenter, DRAWER)
    tap(phone, "Back")
    shows(page, OUTPUT)
    shows(presenter, OUTPUT)
    assert (at(page), at(presenter), at(phone)) == (OUTPUT, OUTPUT, OUTPUT)


def test_quick_taps_are_steps_all_of_them(page: Page, presenter: Page, paired: Page) -> None:
    """However long the news of the one before is on its way."""
    go(page, STEPS - 1)
    shows(paired, STEPS - 1)
    for _ in range(3):
        tap(paired, "Next")
    shows_lit(page, [7, 8])
    shows_lit(presenter, [7, 8])
    assert at(page) == STEPS
    for _ in range(3):
        tap(paired, "Back")
    shows(page, STEPS - 1)
    tap(paired, "Next")
    shows_lit(page, [1])


def test_the_phone_follows_the_keys_and_has_the_notes(page: Page, paired: Page) -> None:
    go(page, STEPS)
    page.keyboard.press("ArrowRight")
    shows(paired, STEPS)
    shows_lit(paired, [4])
    go(page, END)
    shows(paired, END)
    expect(paired.locator(".phone-notes")).to_contain_text("that is the end")
    expect(paired.locator(".phone-runs button")).to_have_count(0)
    paired.evaluate("history.replaceState(null, '', '#2')")
    paired.reload()
    shows(paired, END)
    assert at(page) == END, "a phone that is opened turns nothing"


def test_the_phone_runs_and_stops_what_is_on_the_slide(
    page: Page, paired: Page, hold: Hold
) -> None:
    hold(3)
    tap(paired, "Run plain/steps.py")
    shows_run(page, "step 2")
    shows_run(paired, "step 2")
    tap(paired, "Stop plain/steps.py")
    expect(pane(page).locator(".pane-status")).to_contain_text("stopped")
    hold(0)
    tap(paired, "Run plain/steps.py")
    shows_end(page)
    expect(paired.locator(".phone-runs")).to_have_text("Run plain/steps.py · exit 0")


def test_the_phone_blacks_the_projector(deck: Deck, page: Page, paired: Page) -> None:
    """Until it is shown again, or turned, which is to be seen."""

    def blank() -> str:
        return deck.stage.now["blank"] if deck.stage.now else "unknown"

    shows(page, OUTPUT)
    for uncover in "Show the slide", "Next":
        tap(paired, "Black the projector")
        expect(paired.locator(".phone")).to_contain_text("Show")
        paired.wait_for_timeout(SETTLED)
        assert blank() == "black"
        tap(paired, uncover)
        expect(paired.locator(".phone")).to_contain_text("Black")
        paired.wait_for_timeout(SETTLED)
        assert blank() == ""
    shows(page, DRAWER)


def test_the_phone_has_the_time_of_the_talk(page: Page, presenter: Page, paired: Page) -> None:
    """From the first turn on; a pause of the clock is its pause, too."""
    talk = paired.get_by_title("The talk")
    expect(talk).to_have_text("")
    tap(paired, "Next")
    expect(talk).to_have_text("0:01")
    expect(talk).to_have_text("0:02")
    presenter.keyboard.press("t")
    paired.wait_for_timeout(SETTLED)
    stands = talk.inner_text()
    paired.wait_for_timeout(SETTLED)
    assert talk.inner_text() == stands
    paired.reload()
    expect(talk).to_have_text(stands)


def test_a_code_pairs_one_phone(
    remote: Guests, page: Page, presenter: Page, browser: Browser, phone: Page
) -> None:
    """Whoever scans it later is refused; q shows another code."""
    link = remote.access.link()
    enter(phone, link)
    with guest(browser) as other:
        other.goto(link)
        expect(other.get_by_role("heading")).to_have_text("This browser has no key to the deck")
        expect(other.get_by_text("has been used")).to_be_visible()
        expect(presenter.locator(".guest-codes")).to_be_hidden()
        presenter.keyboard.press("q")
        presenter.wait_for_function(
            "(link) => ![...document.querySelectorAll('.guest-codes code')]"
            ".some((code) => code.textContent === link)",
            arg=link,
        )
        enter(other, codes(presenter)[0])
        expect(other.locator(".phone")).to_be_visible()
        expect(presenter.locator(".guest-codes")).to_be_visible()
    presenter.keyboard.press("q")
    expect(presenter.locator(".guest-codes")).to_be_hidden()


def test_a_phone_comes_back_by_itself(
    portal: BlockingPortal, deck: Deck, page: Page, phone: Page
) -> None:
    """Its connection was cut; it is paired still, and knows what it has missed."""
    remote = Remote(deck, 0)
    listener = listen(EVERYWHERE, 0, "a test", "")
    port = remote.access.port = listener.getsockname()[1]
    remote.access.renew()
    with portal.wrap_async_context_manager(listening(remote.app, listener, guests=True)):
        enter(phone, remote.access.link())
        shows(phone, OUTPUT)
        expect(phone.locator(".pane-lights")).to_be_hidden()
    expect(phone.locator(".pane-lights")).to_contain_text("Runner gone")
    go(page, DRAWER)
    listener = listen(EVERYWHERE, port, "a test", "")
    with portal.wrap_async_context_manager(listening(remote.app, listener, guests=True)):
        shows(phone, DRAWER)
        expect(phone.locator(".pane-lights")).to_be_hidden()
        tap(phone, "Next")
        shows(page, DASK)


def test_a_phone_whose_runner_has_started_again_is_told_to_pair(
    portal: BlockingPortal, deck: Deck, phone: Page
) -> None:
    with portal.wrap_async_context_manager(inviting(deck, Remote, 0)) as remote:
        enter(phone, remote.access.link())
        expect(phone.locator(".phone")).to_be_visible()
    with portal.wrap_async_context_manager(inviting(deck, Remote, remote.access.port)):
        expect(phone.get_by_text("Scan the code that the speaker shows")).to_be_visible()


def test_the_audience_follows_and_may_look_back(
    audience: Guests, page: Page, phone: Page, hold: Hold
) -> None:
    go(page, DRAWER)
    page.keyboard.press("a")
    expect(page.locator(".guest-codes")).to_be_visible()
    phone.goto(codes(page)[0])
    page.keyboard.press("q")
    expect(page.locator(".guest-codes")).to_be_hidden()
    shows(phone, DRAWER)
    go(page, OUTPUT)
    shows(phone, OUTPUT)
    hold(3)
    page.keyboard.press("r")
    shows_run(phone, "step 2")
    assert "step 3" not in screen(phone).inner_text(), "that is not printed yet"
    live = phone.locator(".guest-live")
    expect(live).to_be_hidden()
    phone.keyboard.press("ArrowRight")
    expect(live).to_have_text("Live: slide 1")
    hold(0)
    shows_end(page)
    go(page, STEPS)
    expect(live).to_have_text(f"Live: slide {STEPS}")
    assert at(phone) == DRAWER, "who looks back is not turned"
    live.tap()
    shows(phone, STEPS)
    expect(live).to_be_hidden()
    page.keyboard.press("ArrowRight")
    shows_lit(phone, [4])


# As Chromium loses a lock that it grants while a window opens and a debugger attends.
LOST = """const { request } = LockManager.prototype;
LockManager.prototype.request = function (name) {
    LockManager.prototype.request = request;
    return request.call(this, name, () => Promise.reject(new Error('no longer runnable')));
};"""


def test_the_audience_follows_a_window_whose_lock_was_lost(
    audience: Guests, deck: Deck, context: BrowserContext, phone: Page
) -> None:
    page = context.new_page()
    page.add_init_script(LOST)
    enter(page, deck.link())
    phone.goto(audience.access.link())
    shows(phone, OUTPUT)
    go(page, DRAWER)
    shows(phone, DRAWER)


def test_the_audience_has_no_say(
    audience: Guests, runs: Runs, page: Page, presenter: Page, phone: Page
) -> None:
    """Neither buttons nor keys that run anything, nor the speaker's notes."""
    enter(phone, audience.access.link())
    shows(phone, OUTPUT)
    buttons = phone.locator(".pane-button:visible")
    assert [button.get_attribute("aria-label") for button in buttons.all()] == ["Copy the code (c)"]
    for key in "r", "s", "v", "x", "p":
        phone.keyboard.press(key)
    assert len(phone.context.pages) == 1
    assert list(runs.history()) == []
    assert "that is the end" not in phone.content()
    assert "that is the end" in page.content()


def test_the_audience_copies_code_and_sees_the_end_of_a_run(
    audience: Guests, page: Page, phone: Page
) -> None:
    """Also who comes after it."""
    page.keyboard.press("r")
    shows_end(page)
    enter(phone, audience.access.link())
    shows_end(phone)
    phone.get_by_role("button", name="Copy the code (c)").tap()
    expect(phone.locator(".pane-copied")).to_be_visible()


def test_the_presenter_view_puts_the_audience_s_code_on_the_projector(
    remote: Guests, audience: Guests, page: Page, presenter: Page
) -> None:
    """And never that of the phone."""
    expect(presenter.locator(".guest-code")).to_have_count(1)
    presenter.keyboard.press("q")
    presenter.keyboard.press("q")
    expect(presenter.locator(".guest-code")).to_have_count(2)
    presenter.keyboard.press("a")
    expect(page.locator(".guest-code")).to_have_count(1)
    assert codes(page) == [audience.access.link()]
    presenter.keyboard.press("a")
    expect(page.locator(".guest-codes")).to_be_hidden()
    page.keyboard.press("q")
    assert codes(page) == [audience.access.link()]


def test_without_guests_there_are_no_codes(page: Page, presenter: Page) -> None:
    for key in "q", "a":
        page.keyboard.press(key)
        presenter.keyboard.press(key)
    expect(page.locator(".guest-codes")).to_have_count(0)
    expect(presenter.locator(".guest-codes")).to_have_count(0)
