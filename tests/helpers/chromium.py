"""The Chromium in which the tests look at the deck."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "chrome")


def launch(playwright: Playwright) -> Browser:
    """Start the one that set-up found, or else one of this machine."""
    path = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        raise FileNotFoundError(
            "no Chromium found; npm test finds or brings one, or name it: CHROME_PATH=/path/to/it"
        )
    # A key that is pressed while a smooth scroll comes to rest is lost: each is done at once.
    args = ["--disable-smooth-scrolling"]
    # As root it refuses to start in its sandbox.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        args.append("--no-sandbox")
    return playwright.chromium.launch(executable_path=path, args=args)
