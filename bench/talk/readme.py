"""Take the README's picture: a worker is killed, halfway through the replay of its recording.

`npm run build` makes the page before, with what the tests have proved.
"""

import io

from PIL import Image

from runner.snippets.catalog import ROOT
from tests.helpers.inspection import browser_page

PROGRAM = "dask/kill_a_worker.py"
HALFWAY = "worker killed ######"
PICTURE = ROOT / "assets" / "readme.png"


def main() -> None:
    deck = ROOT / "dist" / "index.html"
    if not deck.exists():
        raise SystemExit(f"{deck.relative_to(ROOT)} is not there; npm run build")
    with browser_page() as page:
        page.goto(deck.as_uri())
        slide = page.locator(f"svg:has(figure.output[data-run='{PROGRAM}'])").first
        number = slide.evaluate("slide => [...slide.parentElement.children].indexOf(slide) + 1")
        page.evaluate("number => { location.hash = `#${number}`; }", number)
        page.keyboard.press("r")
        screen = page.locator(".bespoke-marp-active .screen").first
        screen.filter(has_text=HALFWAY).wait_for()
        picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}  {PICTURE.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
