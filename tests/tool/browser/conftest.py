"""A small deck built by the engine, served by the runner, looked at in a real Chromium."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from runner.clusters.keeper import Clusters
from runner.live.runs import Runs
from runner.recordings.record import record
from runner.snippets.catalog import ROOT
from runner.web.server import Deck, serving
from tests.helpers.chromium import launch
from tests.tool.browser.slides import enter

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 720}
PATIENCE = 20_000  # milliseconds in which also a busy machine gets it done

Serve = Callable[..., AbstractContextManager[Deck]]
Hold = Callable[[int], None]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project: the deck beside this file, its snippets and those of the talk, all recorded."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "snippets", folder / "snippets")
    shutil.copytree(HERE / "snippets", folder / "snippets", dirs_exist_ok=True)
    shutil.copytree(ROOT / "assets", folder / "assets")
    shutil.copy(ROOT / "poetry.lock", folder)
    (folder / "slides").mkdir()
    shutil.copy(HERE / "deck.md", folder / "slides")
    shutil.copy(ROOT / "slides" / "theme.css", folder / "slides")
    engine = (ROOT / "engine" / "render" / "marp.mjs").as_uri()
    (folder / "marp.config.mjs").write_text(
        f"import {{ marpConfig }} from '{engine}';\n"
        "export default marpConfig(import.meta.dirname);\n"
    )
    plain = sorted(path.name for path in (HERE / "snippets" / "plain").glob("*.py"))
    assert record([f"plain/{name}" for name in plain], folder / "snippets") == 0
    return folder


@pytest.fixture(scope="session")
def built(folder: Path) -> Path:
    """The deck as one HTML file; a draft, since whether the talk is proved is not tested here."""
    command = ["node", str(ROOT / "engine" / "build.mjs"), "--html-only", "--draft"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "dist" / "draft.html"


@pytest.fixture(scope="session")
def serve(portal: BlockingPortal, built: Path) -> Serve:
    """Serves the deck on a free port, with the clusters that are given."""

    def serve(clusters: Clusters, runs: Runs) -> AbstractContextManager[Deck]:
        return portal.wrap_async_context_manager(serving(runs, clusters, port=0, page=built))

    return serve


@pytest.fixture(scope="module")
def clusters(portal: BlockingPortal, request: pytest.FixtureRequest) -> Iterator[Clusters]:
    """Of the kinds that the module names; most snippets of this deck need none."""
    kinds = getattr(request.module, "KINDS", ())
    with portal.wrap_async_context_manager(Clusters(*kinds)) as clusters:
        portal.call(clusters.ready)
        yield clusters


@pytest.fixture
def runs(portal: BlockingPortal, folder: Path, clusters: Clusters) -> Iterator[Runs]:
    """None so far, whatever other tests have run."""
    with portal.wrap_async_context_manager(
        Runs(lambda: clusters.statuses, folder / "snippets")
    ) as runs:
        yield runs


@pytest.fixture
def deck(serve: Serve, clusters: Clusters, runs: Runs) -> Iterator[Deck]:
    """The deck, live."""
    with serve(clusters, runs) as deck:
        yield deck


@pytest.fixture
def hold(folder: Path) -> Iterator[Hold]:
    """Has runs of plain/steps.py wait before a step, and before no other; 0 lets them end."""

    def hold(step: int) -> None:
        held = folder / f"hold-{step}"
        if step:
            held.touch()
        for other in set(folder.glob("hold-*")) - {held}:
            other.unlink()

    yield hold
    hold(0)


@pytest.fixture(scope="session")
def elsewhere(built: Path) -> Iterator[str]:
    """The same deck from a server of files: another origin on this machine, without a runner."""
    handler = partial(SimpleHTTPRequestHandler, directory=built.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{built.name}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not longer than a module: Playwright keeps an event loop that others could not bear."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own: no cookies, no history. What its pages complain of fails the test."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # That a runner is gone is what some tests are about; the page says so itself.
        if message.type == "error" and not message.text.startswith("WebSocket connection to"):
            complaints.append(message.text)

    context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert not complaints


@pytest.fixture
def page(deck: Deck, clusters: Clusters, context: BrowserContext) -> Page:
    """The live deck at its first slide."""
    page = context.new_page()
    enter(page, deck.link())
    expect(page.locator("[data-light=ready]")).to_have_count(len(clusters.kinds))
    return page
