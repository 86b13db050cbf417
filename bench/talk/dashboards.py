"""Take the still pictures of the dashboards that slides show where the deck is not live.

Snippets run meanwhile, on the Dask of the default ports. Stop `npm start` before: then it is one
made for it, and the task stream has nothing else in it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from runner.clusters.keeper import running
from runner.clusters.kinds.dask import Dask
from runner.snippets.catalog import SNIPPETS

PICTURES = Path(__file__).parents[2] / "assets" / "dashboards"
DASK = "http://127.0.0.1:8787/individual-task-stream"
PIXELS = 2  # to one of the page's; the deck's own page reckons with it
LARGEST = 150_000  # bytes


def show_dask(browser: Browser) -> None:
    """The task stream of the program that its slide shows."""
    page = open_page(browser, 740, 192)
    page.goto(DASK)
    page.locator(".bk-Figure").wait_for()
    subprocess.run([sys.executable, SNIPPETS / "dask" / "progress.py"], check=True)
    page.wait_for_timeout(1500)
    save(page, "task_stream")


def open_page(browser: Browser, width: int, height: int) -> Page:
    return browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=PIXELS)


def save(page: Page, name: str) -> None:
    """Write a picture of few colours, which is all that such a page has."""
    # Programs are shown by name: where they lie on this machine is nobody's business.
    page.evaluate(
        """([path, name]) => {
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode())
                texts.currentNode.data = texts.currentNode.data.replaceAll(path, name);
        }""",
        [sys.executable, "python"],
    )
    picture = Image.open(io.BytesIO(page.screenshot()))
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.png"
    picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{path} has {size} bytes, more than {LARGEST}; make it smaller")
    print(f"{path.relative_to(PICTURES.parents[2])}  {size / 1024:.0f} KiB")


def main() -> None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit("no Chromium found; set CHROME_PATH (npm run bench:dashboards does)")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with running(Dask()), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if root else []
        )
        show_dask(browser)
        browser.close()


if __name__ == "__main__":
    main()
