"""The deck as one file, from a disk or a host of files: it replays, and needs nothing else."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.tool.browser.slides import (
    DASHBOARD,
    DASK,
    DRAWER,
    FIGURE,
    STEPS,
    TABLE,
    TWO,
    at,
    box,
    go,
    lit,
    pane,
    plays,
    run_button,
    screen,
    shows_end,
    slide,
    status,
    stop_clock,
)


@pytest.fixture
def page(context: BrowserContext, built: Path) -> Page:
    """The deck opened from the disk; whatever it asks a network for fails the test."""

    def refuse(route: Route) -> None:
        route.abort()
        raise AssertionError(f"the deck asked for {route.request.url}")

    context.route(re.compile("^(http|ws)"), refuse)
    context.set_offline(True)
    page = context.new_page()
    page.goto(built.as_uri())
    return page


@pytest.mark.parametrize("number", [1, DASK, FIGURE])
def test_replay_ends_in_the_final_screen(page: Page, number: int) -> None:
    """Played or skipped, text, colours and pictures are those that the build put on the slide."""
    go(page, number)
    final = screen(page).inner_text()
    colours = screen(page).locator("span[style*=ansi]").count()
    pictures = screen(page).locator("img.picture").count()
    place = box(pane(page))
    stop_clock(page)
    page.keyboard.press("r")
    plays(page, "Stop")
    expect(pane(page)).to_contain_text("recording")
    expect(status(page)).to_have_text("0.0 s")
    assert screen(page).inner_text().strip() == "", "it begins with nothing"
    plays(page, "exit 0")
    page.clock.run_for(50)  # the time is told at once, what was printed with the next picture
    assert screen(page).inner_text().strip() == final.strip()
    assert screen(page).locator("span[style*=ansi]").count() == colours
    assert screen(page).locator("img.picture").count() == pictures == (number == FIGURE)
    expect(pane(page)).to_contain_text("Dask 2026")
    assert box(pane(page)) == place

    page.keyboard.press("r")
    plays(page, "Stop")
    pane(page).get_by_role("button", name="Skip to the end").click()
    assert plays(page, "exit 0") < 100
    assert screen(page).inner_text().strip() == final.strip()
    assert at(page) == number


def test_replay_is_stopped_leaving_the_final_screen(page: Page) -> None:
    final = screen(page).inner_html()
    stop_clock(page)
    page.keyboard.press("r")
    plays(page, "Stop")
    plays(page, "step 2")
    expect(screen(page)).not_to_contain_text("step 3")
    page.keyboard.press("s")
    page.clock.run_for(10_000)
    expect(status(page)).to_be_empty()
    assert screen(page).inner_html() == final


def test_of_several_replays_the_one_that_plays_is_stopped(page: Page) -> None:
    """Wherever the focus is: a click of the mouse leaves it to the deck."""
    go(page, TWO)
    stop_clock(page)
    for number, focused in ((1, False), (1, True), (0, False)):
        pane(page, number).get_by_role("button", name=re.compile("^Replay")).click()
        page.clock.run_for(50)
        expect(pane(page, number)).to_have_attribute("data-phase", "running")
        if focused:
            pane(page, 0).get_by_role("button").first.focus()
        page.keyboard.press("s")
        page.clock.run_for(50)
        expect(pane(page, number)).to_have_attribute("data-phase", "idle")


def test_replay_goes_on_while_slides_turn(page: Page) -> None:
    stop_clock(page)
    page.keyboard.press("r")
    plays(page, "Stop")
    plays(page, "step 1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(screen(page)).not_to_contain_text("step 2")
    plays(page, "exit 0")


def test_replay_can_be_faster(page: Page) -> None:
    """The clock is the recording's, so the speed does not change what it says at the end."""
    stop_clock(page)
    page.keyboard.press("r")
    plays(page, "Stop")
    plays(page, "step 2")
    slow = plays(page, "exit 0")
    told = status(page).inner_text()
    page.keyboard.press("r")
    plays(page, "Stop")
    speed = pane(page).get_by_role("button", name=re.compile("^Speed"))
    speed.click()
    speed.click()
    plays(page, "4×")
    plays(page, "step 2")
    assert plays(page, "exit 0") < slow / 3
    assert status(page).inner_text() == told


def test_drawer_replays_and_closes(page: Page) -> None:
    go(page, DRAWER)
    before = box(slide(page).locator("figure.code"))
    slide(page).get_by_role("button", name="Replay plain/lines.py (r)").click()
    shows_end(page)
    expect(screen(page)).to_contain_text("line 40")
    code = box(slide(page).locator("figure.code"))
    assert box(pane(page))["y"] >= code["y"] + code["height"], "it covers the code"
    pane(page).get_by_role("button", name="Close (Esc)").click()
    expect(pane(page)).to_be_hidden()
    assert box(slide(page).locator("figure.code")) == before, "the slide is not as it was"


def test_there_are_no_lights_and_nothing_to_switch(page: Page) -> None:
    expect(page.locator(".pane-lights")).to_have_count(0)
    page.keyboard.press("v")
    expect(run_button(page)).to_have_text("Replay")


def test_dashboard_is_a_picture(page: Page) -> None:
    go(page, DASHBOARD)
    expect(slide(page).locator("img")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


@pytest.mark.parametrize("by", ["key", "button"])
def test_code_is_copied_without_noise(page: Page, by: str) -> None:
    """Also where the browser keeps the clipboard from files."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    go(page, DASK)
    if by == "key":
        page.keyboard.press("c")
    else:
        slide(page).locator("figure.code").hover()
        slide(page).get_by_role("button", name="Copy the code (c)").click()
    page.evaluate("document.body.append(document.createElement('textarea'))")
    field = page.locator("body > textarea").last
    field.focus()
    page.keyboard.press("ControlOrMeta+v")
    pasted = field.input_value()
    assert pasted.startswith('client = Client("localhost:8786")\n')
    assert pasted.endswith("\n")
    assert not pasted.endswith("\n\n")


def test_keys_step_through_the_lines_of_code(page: Page) -> None:
    """Forwards and back, before the slide turns; coming back, the last step is shown."""
    go(page, STEPS)
    assert lit(page) == [1]
    page.keyboard.press("ArrowRight")
    assert lit(page) == [4]
    page.keyboard.press("ArrowRight")
    assert lit(page) == [7, 8]
    page.keyboard.press("ArrowLeft")
    assert (lit(page), at(page)) == ([4], STEPS)
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    assert at(page) == STEPS + 1
    page.keyboard.press("ArrowLeft")
    assert (lit(page), at(page)) == ([7, 8], STEPS)


def test_selected_code_is_copied_as_it_is_in_the_snippet(page: Page, folder: Path) -> None:
    """With the mouse, too: no line numbers, no markers of steps, no words of buttons."""
    go(page, STEPS)
    slide(page).locator("figure.code pre").evaluate(
        "(pre) => getSelection().selectAllChildren(pre)"
    )
    copied = page.evaluate("getSelection().toString()")
    source = (folder / "snippets" / "plain" / "steps.py").read_text(encoding="utf-8")
    assert copied.strip() == source.split('"""', 2)[2].strip()


def test_print_shows_no_controls(page: Page) -> None:
    page.keyboard.press("r")
    page.emulate_media(media="print")
    assert page.locator(".pane-button:visible").count() == 0
    expect(page.locator("figure.code").first).to_be_visible()


def test_file_made_to_look_live_reaches_no_runner(
    context: BrowserContext, elsewhere: str, built: Path
) -> None:
    """A copy on another host that pretends to be served finds nobody, and offers its recordings."""
    copy = built.with_name("copy.html")
    copy.write_text(built.read_text().replace("<body", "<body data-runner", 1))
    page = context.new_page()
    page.goto(elsewhere.replace(built.name, copy.name))
    expect(page.get_by_title(re.compile("^Runner: down"))).to_be_visible()
    page.keyboard.press("r")
    expect(pane(page)).to_contain_text("The runner does not answer")
    pane(page).get_by_role("button", name="Play recording").click()
    expect(pane(page)).to_contain_text("recording")


RIGHT_EDGES = """(screen) => {
    const edges = [];
    const walker = document.createTreeWalker(screen, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode())
        for (const { index } of text.data.matchAll(/[┐│┘](?=\\n|$)/g)) {
            const range = document.createRange();
            range.setStart(text, index);
            range.setEnd(text, index + 1);
            edges.push(range.getBoundingClientRect().right);
        }
    return edges;
}"""


def test_a_table_keeps_its_border_straight(page: Page) -> None:
    """Whatever is in it: ideographs, emoji of all kinds, accents; in the still and when played."""
    go(page, TABLE)
    for played in (False, True):
        if played:
            page.keyboard.press("r")
            shows_end(page)
        edges = screen(page).evaluate(RIGHT_EDGES)
        assert len(edges) == 8
        assert max(edges) - min(edges) < 0.5, edges


def test_printed_from_the_browser_code_with_steps_is_whole(page: Page) -> None:
    go(page, STEPS)
    assert lit(page) == [1]
    page.emulate_media(media="print")
    assert lit(page) == []
    line = "document.querySelectorAll('.bespoke-marp-active .line')"
    colours = page.evaluate(f"[...{line}].map((each) => getComputedStyle(each).color)")
    assert len(set(colours)) == 1, colours
