"""Code edited on its slide, and run so, in all windows; no clusters are needed for that."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import BrowserContext, Locator, Page, expect

from runner.clusters.keeper import Clusters
from runner.live.runs import Runs
from tests.tool.browser.conftest import Serve
from tests.tool.browser.slides import (
    DRAWER,
    OUTPUT,
    STEPS,
    box,
    enter,
    lit,
    pane,
    screen,
    shows,
    slide,
    status,
)

NOT_PROVED = "edited, not proved"


@pytest.fixture
def page(
    portal: BlockingPortal, serve: Serve, folder: Path, context: BrowserContext
) -> Iterator[Page]:
    """The deck as `npm start -- --edit` serves it."""
    runs = Runs(dict, folder / "snippets", editable=True)
    with portal.wrap_async_context_manager(runs), serve(Clusters(), runs) as deck:
        page = context.new_page()
        enter(page, deck.link())
        shows(page, OUTPUT)
        yield page
        context.close()


def turn(page: Page, number: int) -> None:
    """As the speaker does: Marp then still knows which windows belong together."""
    for _ in range(number - 1):
        page.keyboard.press("Shift+ArrowRight")
    shows(page, number)


def editor(page: Page) -> Locator:
    return slide(page).locator(".cm-content")


def write(page: Page, text: str) -> None:
    """In place of the slide's code."""
    page.keyboard.press("e")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_edited_code_runs_and_says_that_nothing_proves_it(page: Page, folder: Path) -> None:
    program = folder / "snippets" / "plain" / "steps.py"
    before = program.read_bytes()
    write(page, "print(6 * 7)")
    expect(pane(page)).to_contain_text(NOT_PROVED)
    expect(pane(page).locator("svg.recorded")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("exit 0")
    expect(screen(page)).to_have_text("42\n")
    expect(pane(page).locator(".pane-verdict")).to_be_hidden()
    assert program.read_bytes() == before

    page.keyboard.press("Escape")
    expect(editor(page)).not_to_be_focused()
    page.keyboard.press("c")
    expect(page.locator(".pane-voice")).to_have_text("Copied")
    page.keyboard.press("Escape")
    expect(editor(page)).to_have_count(0)
    expect(pane(page)).to_contain_text(NOT_PROVED)  # it is what has printed this
    page.keyboard.press("r")
    expect(screen(page)).to_contain_text("step 1")
    expect(pane(page)).not_to_contain_text(NOT_PROVED)


def test_a_mistake_is_told_by_python(page: Page) -> None:
    write(page, "print((")
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("exit 1")
    expect(screen(page)).to_contain_text("SyntaxError: '(' was never closed")


def test_all_windows_show_what_is_typed_and_its_run(page: Page) -> None:
    """Also one that is opened later, and one that is loaded again."""
    write(page, "print('one')")
    page.keyboard.press("Escape")
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    presenter = popup.value
    expect(editor(presenter)).to_have_text("print('one')")
    write(presenter, "print('two')")
    expect(editor(page)).to_have_text("print('two')")
    presenter.keyboard.press("Control+Enter")
    for window in page, presenter:
        expect(screen(window)).to_have_text("two\n")
        expect(pane(window)).to_contain_text(NOT_PROVED)
        window.reload()
        expect(editor(window)).to_have_text("print('two')")
    page.keyboard.press("Escape")
    for window in page, presenter:
        expect(slide(window).locator("figure.code")).to_contain_text("step")
        expect(editor(window)).to_have_count(0)


def test_keys_in_the_editor_are_typed(page: Page) -> None:
    page.keyboard.press("e")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n# resp vc?")
    expect(editor(page)).to_contain_text("# resp vc?")
    for key in "ArrowRight", "PageDown", "Home", "Space":
        page.keyboard.press(key)
    shows(page, OUTPUT)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_is_not_changed_is_the_slide_s_again(page: Page) -> None:
    """With the steps that point at its lines."""
    turn(page, STEPS)
    assert lit(page) == [7, 8]
    page.keyboard.press("e")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(editor(page)).to_have_count(0)
    assert lit(page) == [7, 8]
    write(page, "pass")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(editor(page)).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    assert lit(page) == [4]


def test_code_that_gets_longer_stays_on_its_slide(page: Page) -> None:
    """Beside a drawer, too, which gives way."""
    turn(page, DRAWER)
    write(page, "\n".join(f"print({number})" for number in range(40)))
    page.keyboard.press("Control+Enter")
    expect(status(page)).to_contain_text("exit 0")
    code, output, whole = (
        box(element) for element in (editor(page).locator(".."), pane(page), slide(page))
    )
    assert code["y"] + code["height"] <= output["y"]
    assert output["y"] + output["height"] <= whole["y"] + whole["height"]


def test_the_help_tells_of_it(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Edit the code")
