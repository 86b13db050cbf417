"""Take the still pictures of the dashboards that slides show where the deck is not live.

Real work runs meanwhile: on a Dask cluster of two workers made for it, so that the task stream has
nothing else in it, and on the Ray of port 8265.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from dask.distributed import Client, LocalCluster, wait
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from ray.job_submission import JobStatus, JobSubmissionClient

from runner.clusters import Ray, running

PICTURES = Path(__file__).parents[1] / "assets" / "dashboards"
RAY = "http://127.0.0.1:8265"
PIXELS = 2  # to one of the page's; the deck's own page reckons with it
LARGEST = 150_000  # bytes


def throw(darts: int) -> int:
    """Throw darts at a square; count those in the quarter circle."""
    dart = random.Random(darts).random  # noqa: S311 - no secret
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(darts))


def add(*hits: int) -> int:
    """Bring some counts together, slowly enough to be seen."""
    time.sleep(0.3)
    return sum(hits)


def show_dask(browser: Browser) -> None:
    """Four sums of five counts each, on two workers."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        page = open_page(browser, 740, 192)
        page.goto(cluster.dashboard_link.replace("status", "individual-task-stream"))
        page.locator(".bk-Figure").wait_for()
        counts = client.map(throw, [1_000_000 + 80_000 * number for number in range(20)])
        wait([client.submit(add, *counts[start::4]) for start in range(4)])
        page.wait_for_timeout(1500)
        save(page, "task_stream")


def show_ray(browser: Browser) -> None:
    """The latest jobs, one of them running."""
    client: Any = JobSubmissionClient(RAY)
    page = open_page(browser, 927, 318)
    page.goto(f"{RAY}/#/overview")
    for latest in (False, False, True):
        job = client.submit_job(entrypoint="python script.py")
        if latest:
            page.get_by_text(job).wait_for()
            save(page, "ray_overview")
        while not client.get_job_status(job).is_terminal():
            time.sleep(0.5)
        if client.get_job_status(job) != JobStatus.SUCCEEDED:
            raise SystemExit(f"{job} failed; see {RAY}/#/jobs/{job}")


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
    print(f"{path.relative_to(PICTURES.parents[1])}  {size / 1024:.0f} KiB")


def main() -> None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit("no Chromium found; set CHROME_PATH (npm run bench:dashboards does)")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with running(Ray()), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if root else []
        )
        show_dask(browser)
        show_ray(browser)
        browser.close()


if __name__ == "__main__":
    main()
