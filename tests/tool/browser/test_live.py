"""Snippets run from their slides: real server, real browser. Of clusters: test_clusters.py."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import BrowserContext, Locator, Page, expect

from runner.clusters.keeper import Clusters
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port
from runner.live.runs import Runs
from runner.snippets.catalog import ROOT
from runner.web.server import Deck
from tests.tool.browser.conftest import Hold, Serve
from tests.tool.browser.slides import (
    DASK,
    DRAWER,
    FIGURE,
    OUTPUT,
    QUESTION,
    STEPS,
    at,
    box,
    enter,
    go,
    heard,
    pane,
    plays,
    run_button,
    screen,
    shows,
    shows_end,
    shows_lit,
    shows_run,
    slide,
    status,
    stop_clock,
)

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def test_run_streams_into_the_slide(page: Page, hold: Hold) -> None:
    """As it is printed, in colour, in the place of the final screen, which does not move."""
    place = box(pane(page)), box(slide(page).locator("figure.code"))
    expect(screen(page)).to_contain_text("step 6")
    hold(3)
    page.keyboard.press("r")
    shows_run(page, "step 2")
    assert "step 3" not in screen(page).inner_text(), "that is not printed yet"
    assert (box(pane(page)), box(slide(page).locator("figure.code"))) == place
    hold(0)
    shows_end(page)
    expect(screen(page)).to_contain_text("step 6")
    assert screen(page).locator("span[style*='--ansi-2']").count() == 6
    assert (box(pane(page)), box(slide(page).locator("figure.code"))) == place
    assert at(page) == OUTPUT, "a run never turns the slide"


@contextmanager
def changed(folder: Path, old: str, new: str, name: str = "lines.py") -> Iterator[None]:
    """A program, by default that of the drawer, does something else meanwhile."""
    program = folder / "snippets" / "plain" / name
    text = program.read_text(encoding="utf-8")
    assert old in text
    program.write_text(text.replace(old, new), encoding="utf-8")
    try:
        yield
    finally:
        program.write_text(text, encoding="utf-8")


def test_a_run_that_prints_what_is_recorded_says_so(page: Page) -> None:
    """A tick is of the recording: beside a run stands what became of that."""
    mark = pane(page).locator(".recorded")
    expect(mark).to_be_visible()
    page.keyboard.press("r")
    shows_end(page)
    expect(pane(page).locator(".pane-verdict")).to_have_text("as recorded")
    expect(mark).to_be_hidden()
    expect(pane(page).get_by_role("button", name="Play the recording instead")).to_be_hidden()


def test_a_run_that_differs_shows_how(page: Page, folder: Path) -> None:
    with changed(folder, "41", "40"):
        go(page, DRAWER)
        page.keyboard.press("r")
        shows_end(page)
    expect(pane(page).locator(".pane-verdict")).to_have_text("differs")
    difference = pane(page).locator(".pane-difference")
    page.keyboard.press("x")
    expect(difference).to_contain_text("-line 40")
    expect(difference).to_contain_text("npm run record plain/lines.py")
    page.keyboard.press("Escape")
    expect(difference).to_be_hidden()
    expect(pane(page)).to_be_visible()


def test_a_run_that_fails_for_any_reason_offers_its_recording(page: Page, folder: Path) -> None:
    with changed(folder, "for ", "1 / 0\nfor "):
        go(page, DRAWER)
        page.keyboard.press("r")
        expect(status(page)).to_contain_text("exit 1")
    expect(screen(page)).to_contain_text("ZeroDivisionError")
    expect(pane(page).get_by_role("button", name="Play the recording instead")).to_be_visible()
    page.keyboard.press("v")
    shows_end(page)
    expect(pane(page)).to_contain_text("recording")
    expect(screen(page)).to_contain_text("line 40")


def test_a_figure_is_shown_where_its_program_printed_it(page: Page) -> None:
    """In the still, and in the run that takes its place, which does not move."""
    go(page, FIGURE)
    picture = screen(page).get_by_role("img", name="Speed-up")
    place = box(pane(page))
    still = box(picture)
    page.keyboard.press("r")
    shows_end(page)
    expect(screen(page)).to_contain_text("that was all")
    assert picture.evaluate("(image) => [image.complete, image.naturalWidth]") == [True, 1280]
    assert (box(pane(page)), box(picture)) == (place, still)


def test_closed_drawer_stays_closed_while_its_program_prints(page: Page, hold: Hold) -> None:
    """It opens again for another run."""
    hold(2)
    go(page, STEPS)
    page.keyboard.press("r")
    shows_run(page, "step 1")
    page.keyboard.press("Escape")
    hold(0)
    expect(page.locator(".pane-voice")).to_contain_text("plain/steps.py: exit 0")
    expect(pane(page)).to_be_hidden()
    page.keyboard.press("r")
    expect(pane(page)).to_be_visible()
    shows_end(page)


def test_lines_that_a_pane_does_not_keep_are_told(page: Page, folder: Path) -> None:
    with changed(folder, "41", "3001"):
        go(page, DRAWER)
        page.keyboard.press("r")
        shows_end(page)
    expect(screen(page).locator("> :first-child")).to_have_text(
        "… lines above that are not kept: 977\n"
    )
    expect(screen(page).locator("> :nth-child(2)")).to_have_text("line 978\n")
    expect(screen(page).locator("> :last-child")).to_have_text("line 3000\n")


def test_a_program_that_asks_is_answered_as_prepared_or_as_typed(page: Page) -> None:
    go(page, QUESTION)
    page.keyboard.press("r")
    field = slide(page).get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("placeholder", "Ada")
    page.keyboard.press("Enter")
    expect(screen(page)).to_have_text("columns: 40\nWho is there? Ada\nHello, Ada.\n")
    expect(status(page)).to_contain_text("exit 3")
    expect(status(page)).to_have_attribute("data-outcome", "exited")
    expect(field).to_be_hidden()
    page.keyboard.press("r")
    expect(field).to_be_focused()
    page.keyboard.type("Bob and s")
    assert at(page) == QUESTION, "what is typed turns no slide, and stops nothing"
    page.keyboard.press("Enter")
    expect(screen(page)).to_contain_text("Hello, Bob and s.")
    expect(status(page)).to_contain_text("exit 3")
    page.keyboard.press("r")
    expect(field).to_be_focused()
    page.keyboard.press("Control+d")
    expect(screen(page)).to_contain_text("EOFError")
    expect(status(page)).to_have_attribute("data-outcome", "failed")


def test_another_question_is_asked_anew(page: Page, folder: Path) -> None:
    """Also in a window that draws nothing meanwhile, as one does that is covered."""
    go(page, QUESTION)
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    fields = [slide(window).get_by_role("textbox") for window in (page, popup.value)]
    with changed(folder, "print(f", 'input("Really? ")\nprint(f', "ask.py"):
        page.keyboard.press("r")
        for field in fields:
            expect(field).to_have_attribute("placeholder", "Ada")
        fields[0].fill("Bob")
        page.evaluate(HOLD_FRAMES)
        fields[1].press("Enter")
        expect(fields[1]).to_have_attribute("placeholder", re.compile("^Enter answers"))
        page.evaluate("() => draw()")
        expect(fields[0]).to_have_value("")
        expect(fields[0]).to_have_attribute("placeholder", re.compile("^Enter answers"))


HOLD_FRAMES = """() => {
    const request = window.requestAnimationFrame;
    const held = [];
    window.requestAnimationFrame = (act) => held.push(act);
    window.draw = () => {
        window.requestAnimationFrame = request;
        held.forEach((act) => request(act));
    };
}"""


def test_stop(page: Page, hold: Hold) -> None:
    hold(3)
    page.keyboard.press("r")
    shows_run(page, "step 2")
    page.keyboard.press("S")  # whatever Caps Lock does
    expect(status(page)).to_contain_text("stopped")
    expect(screen(page)).not_to_contain_text("step 3")


def test_reloaded_page_shows_the_run_from_its_start(page: Page, hold: Hold) -> None:
    hold(3)
    page.keyboard.press("r")
    shows_run(page, "step 2")
    page.reload()
    shows_run(page, "step 1\nstep 2")
    expect(screen(page)).not_to_contain_text("step 3")
    hold(0)
    shows_end(page)
    expect(screen(page)).to_contain_text("step 6")


def test_projector_and_presenter_view_show_the_same(page: Page, hold: Hold) -> None:
    """Run from one, seen in both, stopped from the other."""
    hold(3)
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    presenter = popup.value
    expect(pane(presenter)).to_be_visible()
    presenter.keyboard.press("r")
    shows_run(page, "step 2")
    shows_run(presenter, "step 2")
    page.keyboard.press("s")
    expect(status(presenter)).to_contain_text("stopped")
    expect(status(page)).to_contain_text("stopped")
    small = presenter.frame_locator("iframe")
    expect(small.locator(".bespoke-marp-active")).to_be_visible()
    expect(small.locator(".pane-button")).to_have_count(0)


def test_presenter_view_shows_the_step(page: Page) -> None:
    """Taken in either window, forwards or back."""
    go(page, STEPS)
    page.keyboard.press("ArrowRight")
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    presenter = popup.value
    expect(slide(presenter).locator("figure.code")).to_be_visible()
    shows_lit(presenter, [4])
    page.keyboard.press("ArrowRight")
    shows_lit(presenter, [7, 8])
    presenter.keyboard.press("ArrowLeft")
    shows_lit(page, [4])
    presenter.keyboard.press("ArrowLeft")
    shows_lit(page, [1])
    shows_lit(presenter, [1])


def test_replay_chosen_in_presenter_view_is_seen_by_the_audience(page: Page) -> None:
    page.keyboard.press("v")
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    presenter = popup.value
    expect(run_button(presenter)).to_have_text("Replay")  # as it was told when it asked
    for word in "Run", "Replay":
        presenter.keyboard.press("v")
        expect(run_button(page)).to_have_text(word)
    stop_clock(page)
    presenter.keyboard.press("r")
    plays(page, "Stop")
    plays(page, "step 2")
    expect(pane(page)).to_contain_text("recording")
    presenter.keyboard.press("s")
    page.clock.resume()
    expect(pane(page)).to_have_attribute("data-phase", "idle")


def test_all_windows_are_live_or_none(page: Page) -> None:
    """Also one that is opened later; and they agree, however fast the key is pressed."""
    page.keyboard.press("v")
    expect(run_button(page)).to_have_text("Replay")
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    presenter = popup.value
    expect(run_button(presenter)).to_have_text("Replay")
    for window in page, presenter:
        window.evaluate(COUNT_WHAT_IS_TOLD)
    for _ in range(6):
        presenter.keyboard.press("v")
    presenter.keyboard.press("r")  # heard after all that
    expect(pane(page)).to_contain_text("recording")
    page.keyboard.press("s")
    expect(pane(presenter)).to_have_attribute("data-phase", "idle")
    for window in page, presenter:
        expect(run_button(window)).to_have_text("Replay")
    told = [window.evaluate("told") for window in (page, presenter)]
    assert told == [1, 7], "windows that tell each other what they were told never rest"


COUNT_WHAT_IS_TOLD = """() => {
    window.told = 0;
    const tell = BroadcastChannel.prototype.postMessage;
    BroadcastChannel.prototype.postMessage = function (message) {
        window.told += 1;
        tell.call(this, message);
    };
}"""


def test_second_click_asks(page: Page, hold: Hold) -> None:
    """Leaving it leaves the run alone; starting over starts it over."""
    hold(3)
    run_button(page).click()
    shows_run(page, "step 2")
    run_button(page).click()
    expect(pane(page)).to_contain_text("It is running. Start it over?")
    page.keyboard.press("Escape")
    expect(pane(page)).not_to_contain_text("Start it over?")
    hold(4)
    shows_run(page, "step 1\nstep 2\nstep 3")
    hold(2)
    page.keyboard.press("r")
    expect(pane(page)).to_contain_text("Start it over?")
    page.keyboard.press("Enter")
    expect(screen(page)).to_have_text("step 1")
    page.keyboard.press("s")
    expect(status(page)).to_contain_text("stopped")
    assert at(page) == OUTPUT


def test_keys_belong_to_the_slides_after_a_click(page: Page) -> None:
    """Else a clicker would be dead after the speaker has clicked Run."""
    run_button(page).click()
    shows_end(page)
    page.keyboard.press("PageDown")
    assert at(page) == OUTPUT + 1


def test_what_is_typed_in_a_pane_stays_there(page: Page) -> None:
    """It scrolls; slides turn again after Esc, which opens no overview."""
    go(page, DRAWER)
    page.keyboard.press("r")
    shows_end(page)
    output = screen(page)
    output.focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => document.activeElement.scrollTop === 0")
    for key in ("ArrowDown", "PageDown", "End", " ", "ArrowRight", "o", "p", "f"):
        page.keyboard.press(key)
        assert at(page) == DRAWER, f"{key} turned the slide"
    page.wait_for_function("() => document.activeElement.scrollTop > 0")
    expect(page.locator("iframe")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    assert at(page) == DRAWER + 1


def test_buttons_are_pressed_by_keyboard(page: Page, hold: Hold) -> None:
    """Space and Enter press what has the focus, and turn no slide."""
    hold(3)
    run_button(page).focus()
    page.keyboard.press("Enter")
    shows_run(page, "step 2")
    stop = pane(page).get_by_role("button", name="Stop (s)")
    stop.focus()
    page.keyboard.press(" ")
    expect(status(page)).to_contain_text("stopped")
    assert at(page) == OUTPUT


def test_wheel_over_a_pane_scrolls_it(page: Page) -> None:
    """Also where there is nothing to scroll, the slide does not turn."""
    screen(page).hover()
    with heard(page, "wheel"):
        page.mouse.wheel(0, 400)
    assert at(page) == OUTPUT
    go(page, DRAWER)
    page.keyboard.press("r")
    shows_end(page)
    output = screen(page)
    output.hover()
    # A pane follows what is printed.
    page.wait_for_function(f"() => document.querySelector('{CURRENT}').scrollTop > 0")
    end = output.evaluate("(element) => element.scrollTop")
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"() => document.querySelector('{CURRENT}').scrollTop < {end}")
    for _ in range(5):  # beyond the top, too
        with heard(page, "wheel"):
            page.mouse.wheel(0, -400)
    assert at(page) == DRAWER
    slide(page).locator("h1").hover()
    page.mouse.wheel(0, 400)
    shows(page, DRAWER + 1)  # elsewhere it does


CURRENT = ".bespoke-marp-active [data-pane] .screen"


def test_swipe_over_a_pane_does_not_turn_the_slide(page: Page, context: BrowserContext) -> None:
    touch = context.new_cdp_session(page)

    def swipe(over: Locator) -> None:
        place = box(over)
        middle = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle]})
        for _ in range(5):
            middle["x"] -= 40
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [middle]})
        with heard(page, "touchend"):
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(screen(page))
    assert at(page) == OUTPUT
    swipe(slide(page).locator("h1"))
    assert at(page) == OUTPUT + 1, "elsewhere it does"


def test_run_asked_for_while_the_page_still_connects(
    deck: Deck, context: BrowserContext, hold: Hold
) -> None:
    hold(2)
    page = context.new_page()
    enter(page, deck.link())
    page.keyboard.press("r")
    shows_run(page, "step 1")
    page.keyboard.press("s")
    expect(status(page)).to_contain_text("stopped")


def test_controls_are_accessible(page: Page, hold: Hold) -> None:
    """By the rules of axe-core: from idle to stopped, as a replay, in a drawer, and the help."""
    hold(2)
    # Its timers are the browser's own, also when the page's clock is stopped.
    timers = "const setTimeout = window.setTimeout.bind(window);"
    page.evaluate(f"() => {{ {timers} {AXE.read_text(encoding='utf-8')} }}")

    def check(state: str) -> None:
        found = page.evaluate(
            """async () => {
                const include = ['.bespoke-marp-active', '.pane-statuses', '.pane-help'];
                const { violations } = await axe.run({ include });
                return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => [id, html]));
            }"""
        )
        assert not found, f"{state}: {found}"

    check("idle")
    page.keyboard.press("r")
    shows_run(page, "step 1")
    check("running")
    page.keyboard.press("r")
    expect(pane(page)).to_contain_text("Start it over?")
    check("asking")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(status(page)).to_contain_text("stopped")
    check("stopped")
    page.keyboard.press("v")
    stop_clock(page)
    page.keyboard.press("r")
    plays(page, "Stop")
    plays(page, "step 1")
    check("replaying")
    page.clock.resume()
    go(page, DRAWER)
    page.keyboard.press("r")
    shows_end(page)
    check("drawer")
    page.keyboard.press("?")
    check("help")


def test_help_lists_the_keys(page: Page) -> None:
    page.keyboard.press("?")
    help = page.get_by_role("dialog")
    expect(help).to_contain_text("Presenter view")
    page.keyboard.press("ArrowRight")
    assert at(page) == OUTPUT, "it is in front"
    page.keyboard.press("Escape")
    expect(help).to_be_hidden()
    expect(page.locator("iframe")).to_have_count(0)
    page.keyboard.press("?")
    page.keyboard.press("?")
    expect(help).to_be_hidden()


def test_marp_keeps_its_keys(page: Page) -> None:
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert at(page) == DRAWER
    page.keyboard.press("o")
    overview = page.frame_locator("iframe")
    expect(overview.get_by_text("A dashboard").first).to_be_visible()
    expect(overview.locator(".pane-button")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".bespoke-marp-overview")).to_have_attribute("data-open", "")


def test_cluster_that_is_not_there_offers_the_recording(
    portal: BlockingPortal, folder: Path, serve: Serve, context: BrowserContext
) -> None:
    """In one line, why; the recording is labelled as one; v goes back."""
    clusters = Clusters()
    with (
        portal.wrap_async_context_manager(
            Runs(lambda: clusters.statuses, folder / "snippets")
        ) as runs,
        serve(clusters, runs) as deck,
    ):
        page = context.new_page()
        enter(page, deck.link())
        go(page, DASK)
        page.keyboard.press("r")
        expect(pane(page)).to_contain_text("Dask is down: it was not asked for at the start")
        pane(page).get_by_role("button", name="Play recording").click()
        expect(pane(page)).to_contain_text("recording")
        shows_end(page)
        expect(pane(page)).to_contain_text("Dask 2026")
        expect(screen(page)).to_contain_text("2 squared: 4")
        page.keyboard.press("v")
        expect(pane(page)).to_contain_text("Dask is down")
    # The runner has gone, the page has not.
    expect(page.get_by_title(re.compile("^Runner: down"))).to_be_visible()
    page.keyboard.press("r")
    expect(pane(page)).to_contain_text("The runner does not answer")
    context.clear_cookies()


def test_author_sees_faults_until_they_are_mended(
    page: Page, deck: Deck, portal: BlockingPortal
) -> None:
    go(page, DASK)
    portal.call(deck.faults, ["slides/deck.md:12: no snippet 'x'", "slides/deck.md:20: no region"])
    expect(page.get_by_role("alert")).to_contain_text("slides/deck.md:20: no region")
    expect(page.get_by_role("alert")).to_contain_text("this is the last one without")
    with page.expect_navigation():
        portal.call(deck.reload)
    expect(page.get_by_role("alert")).to_have_count(0)
    portal.call(partial(deck.faults, ["slides/deck.md:8: is cut off"], shown=True))
    expect(page.get_by_role("alert")).to_contain_text("slides/deck.md:8: is cut off")
    expect(page.get_by_role("alert")).not_to_contain_text("the last one")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("slides/deck.md:8: is cut off")
    assert at(page) == DASK


def test_a_cluster_that_is_down_is_tried_at_once_when_asked(
    portal: BlockingPortal,
    folder: Path,
    serve: Serve,
    context: BrowserContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its button, also with the keyboard, and by n; the runner hears of each."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        portal.wrap_async_context_manager(
            Clusters(Dask(taken.getsockname()[1], free_port()))
        ) as clusters,
        portal.wrap_async_context_manager(
            Runs(lambda: clusters.statuses, folder / "snippets")
        ) as runs,
        serve(clusters, runs) as deck,
    ):
        tried: list[str] = []
        monkeypatch.setattr(clusters, "try_now", tried.append)
        page = context.new_page()
        enter(page, deck.link())
        light = page.locator("[data-light=down]")
        expect(light).to_contain_text("Dask down")
        light.get_by_role("button", name="Try now: Dask").click()
        light.get_by_role("button").press("Enter")
        page.keyboard.press("n")
        expect(page.locator(".pane-voice")).to_have_text("Trying now")
        assert at(page) == OUTPUT
    assert tried == ["dask"] * 3
