"""What slides show of clusters, and run on them: real server, real browser, real clusters."""

import subprocess
import sys
from pathlib import Path

from anyio.from_thread import BlockingPortal
from playwright.sync_api import BrowserContext, Page, expect

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import Status
from runner.clusters.kinds.dask import Dask
from runner.clusters.kinds.ray import Ray
from runner.live.runs import Runs
from tests.tool.browser.conftest import SIZE, Serve
from tests.tool.browser.slides import (
    DASHBOARD,
    DASK,
    RAY,
    TWO,
    at,
    box,
    enter,
    go,
    pane,
    run_button,
    screen,
    shows_end,
    slide,
    status,
)

KINDS = (Dask(), Ray())


def test_dask_runs_from_its_slide(page: Page) -> None:
    go(page, DASK)
    run_button(page).click()
    shows_end(page)
    expect(screen(page)).to_contain_text("2 squared: 4")
    expect(page.get_by_title("Dask: ready")).to_be_visible()


def test_ray_runs_from_its_slide(page: Page) -> None:
    """In a drawer, since the slide does not show the output."""
    go(page, RAY)
    expect(pane(page)).to_be_hidden()
    slide(page).get_by_role("button", name="Run ray/client.py (r)").click()
    shows_end(page)
    expect(screen(page)).to_contain_text("result: 4")
    page.keyboard.press("Escape")
    expect(pane(page)).to_be_hidden()
    expect(page.locator("iframe")).to_have_count(0)


WORK = """
import time
from distributed import Client
client = Client("localhost:8786")
client.gather([client.submit(time.sleep, seconds) for seconds in (9, 9.1, 9.2)])
"""


def test_the_speaker_sees_what_a_cluster_does(page: Page) -> None:
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    light = popup.value.get_by_title("Dask: ready")
    expect(light).to_have_text("Dask")
    with subprocess.Popen([sys.executable, "-c", WORK]) as work:
        expect(light).to_have_text("Dask3 tasks")
        # The audience need not know.
        expect(page.get_by_title("Dask: ready").get_by_text("3 tasks")).to_be_hidden()
        assert work.wait() == 0
    expect(light).to_have_text("Dask")


def test_of_several_snippets_one_is_chosen(page: Page) -> None:
    """r goes from one to the next, Enter runs."""
    go(page, TWO)
    page.keyboard.press("r")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    shows_end(page, 1)


def test_dashboard_is_live_while_its_slide_is_shown(page: Page) -> None:
    """In the picture's place, as large as it shows it; keys and clicks stay the deck's."""
    go(page, DASHBOARD)
    dashboard = slide(page).frame_locator("iframe")
    expect(dashboard.locator(".bk-Figure").first).to_be_visible()
    assert box(slide(page).locator("iframe")) == box(slide(page).locator(".dashboard img"))
    assert dashboard.locator("body").evaluate("() => innerWidth") == 740
    page.emulate_media(media="print")
    expect(slide(page).locator("iframe")).to_be_hidden()
    page.emulate_media(media="screen")
    page.mouse.click(SIZE["width"] / 2, SIZE["height"] / 2)
    page.keyboard.press("ArrowLeft")
    assert at(page) == DASHBOARD - 1
    expect(page.locator(".dashboard iframe")).to_have_count(0)
    expect(page.locator(".dashboard img")).to_have_count(1)


def test_run_that_is_early_waits_and_says_so(
    portal: BlockingPortal,
    folder: Path,
    clusters: Clusters,
    serve: Serve,
    context: BrowserContext,
) -> None:
    """It runs once its cluster is said to be ready."""
    statuses = {"dask": Status("starting", "it has no workers yet")}
    with (
        portal.wrap_async_context_manager(Runs(lambda: statuses, folder / "snippets")) as runs,
        serve(clusters, runs) as deck,
    ):
        page = context.new_page()
        enter(page, deck.link())
        go(page, DASK)
        page.keyboard.press("r")
        expect(status(page)).to_contain_text("waiting for Dask: it has no workers yet")
        statuses["dask"] = Status("ready", "")
        shows_end(page)
