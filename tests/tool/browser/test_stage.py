"""On stage: the speaker's view and the projector's, in two windows of one browser."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.tool.browser.slides import DASK, OUTPUT, RAY, STEPS, TABLE, at, go, shows, shows_lit


class Windows(NamedTuple):
    projector: Page
    presenter: Page


@pytest.fixture
def windows(context: BrowserContext, built: Path) -> Windows:
    """The deck opened from the disk, and its presenter view."""
    projector = context.new_page()
    projector.goto(built.as_uri())
    with context.expect_page() as opened:
        projector.keyboard.press("p")
    presenter = opened.value
    presenter.set_viewport_size({"width": 1280, "height": 720})
    expect(clock(presenter)).to_be_visible()
    return Windows(projector, presenter)


def clock(presenter: Page) -> Locator:
    return presenter.get_by_role("group", name="Clock")


def cover(projector: Page) -> Locator:
    return projector.locator(".stage-cover")


def note(presenter: Page) -> Locator:
    return presenter.locator(".bespoke-marp-note.active")


def background(locator: Locator) -> str:
    colour: str = locator.evaluate("(node) => getComputedStyle(node).backgroundColor")
    return colour


def pixels(page: Page, locator: Locator) -> Any:
    """Where something is, as a share of the slide that is shown."""
    place, whole = locator.bounding_box(), page.locator(".stage-sheet").bounding_box()
    assert place and whole
    return [
        round((place["x"] + place["width"] / 2 - whole["x"]) / whole["width"], 2),
        round((place["y"] + place["height"] / 2 - whole["y"]) / whole["height"], 2),
    ]


def test_notes_are_typeset_as_the_prompts_they_are(windows: Windows) -> None:
    _, presenter = windows
    prompts = note(presenter).locator("p:visible")
    expect(prompts).to_have_text(
        [re.compile("^Ask who has"), re.compile("^Say it prints"), re.compile("^If it fails press")]
    )
    expect(prompts.nth(1).locator("code")).to_have_text("print()")
    expect(prompts.nth(1).locator("strong")).to_have_text("lines")
    # A link must not take the presenter view away.
    expect(prompts.nth(2).get_by_role("link")).to_have_attribute("target", "_blank")
    borders = {prompts.nth(n).evaluate("(p) => getComputedStyle(p).borderColor") for n in range(3)}
    assert len(borders) == 3, "Ask, Say and If it fails look the same"


def test_the_clock_begins_with_the_talk_and_says_where_the_speaker_is(windows: Windows) -> None:
    projector, presenter = windows
    projector.clock.install()
    for window in windows:
        window.reload()
    expect(clock(presenter)).to_contain_text("Talk 0:00 / 3:00")
    projector.keyboard.press("ArrowRight")
    shows(presenter, 2)
    expect(clock(presenter).get_by_role("button", name="Pause")).to_be_visible()
    projector.clock.fast_forward(30_000)  # in both windows
    expect(clock(presenter)).to_contain_text(re.compile(r"0:[23]\d ahead"))  # of a first minute
    projector.clock.fast_forward(60_000)
    expect(clock(presenter)).to_contain_text("on time")
    expect(clock(presenter)).to_contain_text(re.compile(r"Slide 1:3\d / 2:00"))
    projector.clock.fast_forward(120_000)
    expect(clock(presenter)).to_contain_text(re.compile(r"0:3\d behind"))
    presenter.keyboard.press("t")
    expect(clock(presenter).get_by_role("button", name="Go on")).to_be_visible()


def test_the_clock_survives_a_reload_and_is_set_back_only_when_it_stands(windows: Windows) -> None:
    _, presenter = windows
    presenter.keyboard.press("t")
    expect(clock(presenter)).to_contain_text("Talk 0:01")
    presenter.reload()
    expect(clock(presenter)).to_contain_text(re.compile(r"Talk 0:0[1-9]"))
    pause = clock(presenter).get_by_role("button", name="Pause")
    set_back = clock(presenter).get_by_role("button", name="Set back")
    expect(set_back).to_be_hidden()
    pause.click()
    set_back.click()
    expect(clock(presenter)).to_contain_text("Talk 0:00")
    expect(clock(presenter).get_by_role("button", name="Start")).to_be_visible()


def test_space_presses_the_button_that_has_the_focus(windows: Windows) -> None:
    """Also where that is in no pane; elsewhere it turns the slide."""
    projector, presenter = windows
    for word, next_word in ("Start", "Pause"), ("Pause", "Go on"):
        clock(presenter).get_by_role("button", name=word).focus()
        presenter.keyboard.press(" ")
        expect(clock(presenter).get_by_role("button", name=next_word)).to_be_visible()
    presenter.evaluate("document.body.append(document.createElement('details'))")
    details = presenter.locator("body > details").last
    details.evaluate("(details) => { details.innerHTML = '<summary>More</summary>words'; }")
    details.locator("summary").press(" ")
    expect(details.get_by_text("words")).to_be_visible()
    assert (at(projector), at(presenter)) == (OUTPUT, OUTPUT)
    details.locator("summary").blur()
    presenter.keyboard.press(" ")
    shows(presenter, OUTPUT + 1)


def test_sizes_are_those_that_the_speaker_chose_last(windows: Windows) -> None:
    _, presenter = windows
    size = "(note) => parseFloat(getComputedStyle(note).fontSize)"
    before = note(presenter).evaluate(size)
    presenter.keyboard.press("+")
    presenter.keyboard.press("+")
    chosen = note(presenter).evaluate(size)
    assert chosen > before * 1.4
    presenter.reload()
    expect(clock(presenter)).to_be_visible()
    assert note(presenter).evaluate(size) == pytest.approx(chosen, rel=0.01)
    presenter.keyboard.press("-")  # from there, not from the beginning
    assert note(presenter).evaluate(size) == pytest.approx(chosen / 1.2, rel=0.01)


def test_beside_run_stands_how_long_it_takes(windows: Windows) -> None:
    projector, presenter = windows
    expect(presenter.locator(".bespoke-marp-active .pane-takes")).to_have_text(
        re.compile(r"^≈ \d+ s$|^< 1 s$")
    )
    expect(projector.locator(".bespoke-marp-active .pane-takes")).to_be_hidden()


@pytest.mark.parametrize(
    ("key", "again", "colour"),
    [("b", "b", "0, 0, 0"), (".", "Escape", "0, 0, 0"), ("w", ",", "255, 255, 255")],
)
def test_the_projector_alone_is_covered(
    windows: Windows, key: str, again: str, colour: str
) -> None:
    projector, presenter = windows
    presenter.keyboard.press(key)
    expect(cover(projector)).to_be_visible()
    assert background(cover(projector)) == f"rgb({colour})"
    expect(presenter.get_by_text("The projector is")).to_be_visible()
    expect(note(presenter)).to_be_visible()
    presenter.keyboard.press(again)
    expect(cover(projector)).to_be_hidden()
    expect(presenter.get_by_text("The projector is")).to_be_hidden()


def test_a_turn_or_a_reload_shows_what_it_should(windows: Windows) -> None:
    projector, presenter = windows
    presenter.keyboard.press("b")
    expect(cover(projector)).to_be_visible()
    projector.reload()
    expect(cover(projector)).to_be_visible()
    presenter.keyboard.press("PageDown")
    shows(projector, 2)
    expect(cover(projector)).to_be_hidden()


def test_what_clickers_send_neither_reloads_nor_shows_the_overview(windows: Windows) -> None:
    projector, presenter = windows
    go(projector, STEPS)
    shows(presenter, STEPS)
    for window in windows:
        window.evaluate("window.kept = true")
        for key in ("F5", "Escape", "F5", "Escape", "PageDown", "PageUp"):
            window.keyboard.press(key)
        assert window.evaluate("window.kept") is True
        expect(window.locator(".bespoke-marp-overview")).to_have_count(0)
    assert at(projector) == STEPS
    shows_lit(projector, [1])


def test_the_mouse_in_the_presenter_view_points_on_the_projector(windows: Windows) -> None:
    projector, presenter = windows
    spot = projector.locator(".stage-spot")
    presenter.mouse.move(300, 300)
    expect(spot).to_be_hidden()
    presenter.keyboard.press("l")
    presenter.mouse.move(420, 330)
    expect(spot).to_be_visible()
    assert pixels(projector, spot) == pixels(presenter, presenter.locator(".stage-spot"))
    presenter.mouse.move(1200, 600)  # over the notes
    expect(spot).to_be_hidden()
    presenter.mouse.move(420, 330)
    expect(spot).to_be_visible()
    presenter.keyboard.press("l")
    expect(spot).to_be_hidden()


def test_what_is_drawn_is_seen_until_the_next_slide(windows: Windows) -> None:
    projector, presenter = windows
    go(projector, STEPS)
    shows(presenter, STEPS)
    presenter.keyboard.press("d")
    for top in (200, 300):
        presenter.mouse.move(200, top)
        presenter.mouse.down()
        presenter.mouse.move(500, top + 50, steps=10)
        presenter.mouse.up()
    lines = projector.locator(".stage-strokes path")
    expect(lines).to_have_count(2)
    for number in range(2):
        mine = presenter.locator(".stage-strokes path").nth(number)
        assert pixels(projector, lines.nth(number)) == pixels(presenter, mine)
    presenter.keyboard.press("Backspace")
    expect(lines).to_have_count(1)
    presenter.keyboard.press("ArrowRight")  # a step of the same slide
    shows_lit(projector, [4])
    expect(lines).to_have_count(1)
    presenter.keyboard.press("Shift+ArrowRight")
    presenter.keyboard.press("Shift+ArrowRight")
    shows(projector, STEPS + 1)
    expect(lines).to_have_count(0)


def test_a_number_and_enter_go_there_and_backspace_returns(windows: Windows) -> None:
    projector, presenter = windows
    go(projector, DASK)
    shows(presenter, DASK)
    presenter.keyboard.type(str(TABLE))
    presenter.keyboard.press("Enter")
    shows(projector, TABLE)
    presenter.keyboard.press("g")
    presenter.keyboard.type(str(RAY))
    presenter.keyboard.press("Enter")
    shows(projector, RAY)
    for number in (TABLE, DASK):
        presenter.keyboard.press("Backspace")
        shows(projector, number)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("a table", TABLE),  # its title
        ("client.submit dask", DASK),  # its code
        ("step 3", OUTPUT),  # its output
    ],
)
def test_words_are_found_in_what_slides_show(windows: Windows, words: str, number: int) -> None:
    projector, presenter = windows
    go(projector, 8)
    shows(presenter, 8)
    presenter.keyboard.press("/")
    presenter.keyboard.type(words)
    found = presenter.get_by_role("option")
    expect(found.first).to_be_visible()
    numbers = found.locator("b").all_inner_texts()
    assert str(number) in numbers
    for _ in range(numbers.index(str(number))):
        presenter.keyboard.press("ArrowDown")
    presenter.keyboard.press("Enter")
    shows(projector, number)
    expect(presenter.get_by_role("dialog")).to_be_hidden()


def test_notes_are_found_by_the_speaker_alone(windows: Windows) -> None:
    for window, found in zip(windows, (0, 1), strict=True):
        window.keyboard.press("/")
        window.keyboard.type("who has ever")
        expect(window.get_by_role("option")).to_have_count(found)
        window.keyboard.press("Escape")
        expect(window.get_by_role("dialog")).to_be_hidden()


def test_what_is_nowhere_is_said(windows: Windows) -> None:
    _, presenter = windows
    presenter.keyboard.press("/")
    presenter.keyboard.type("xyzzy")
    expect(presenter.get_by_text("No slide has that.")).to_be_visible()
    presenter.keyboard.press("Enter")
    expect(presenter.get_by_role("dialog")).to_be_visible()


def test_the_overview_has_titles_and_moves_by_keys(windows: Windows) -> None:
    projector, _ = windows
    projector.keyboard.press("o")
    overview = projector.frame_locator(".bespoke-marp-overview iframe")
    expect(overview.get_by_text(f"{TABLE}  A table")).to_be_visible()
    projector.keyboard.press("ArrowRight")
    projector.keyboard.press("ArrowRight")
    projector.keyboard.press("Enter")
    # It turns with the arrows; keys are the page's again once it is closed.
    expect(projector.locator(".bespoke-marp-overview")).to_have_attribute("data-open", "")
    shows(projector, 3)
    projector.keyboard.press("Backspace")
    shows(projector, 1)
