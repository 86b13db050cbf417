"""Looks at every slide, and at every step of it, in a real browser, as the audience will."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, ConsoleMessage, Page, Request, Route, sync_playwright

from runner.snippets.catalog import ROOT
from tests.helpers.chromium import launch

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SLIDE = {"width": 1280, "height": 720}
SMALLEST = 20
"""Pixels on a slide 1280 wide: what the back row can still read."""

LINE_OF_SLIDE = "Number(document.querySelector('.bespoke-marp-active [data-line]').dataset.line)"


def build(root: Path, *options: str) -> None:
    """Build the deck in `root` with the engine."""
    command = ["node", str(ROOT / "engine" / "build.mjs"), "--html-only", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Finding:
    """Something on a slide (from 1; 0: the page as a whole) that no speaker would want to show."""

    slide: int
    step: int
    line: int
    check: str
    element: str
    detail: str
    remedy: str

    def __str__(self) -> str:
        step = f" step {self.step}" if self.step else ""
        place = f" (slides/deck.md:{self.line})" if self.line else ""
        where = f"slide {self.slide}{step}{place}" if self.slide else "the page"
        return f"{where}: {self.check}: {self.element} {self.detail}; {self.remedy}"


@contextmanager
def browser_page(**options: Any) -> Iterator[Page]:
    """Open a page in the browser set-up found, of the slide's own size unless these options say."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser.new_page(**{"viewport": SLIDE, **options})
        finally:
            browser.close()


def inspect(page: Page, deck: Path) -> list[Finding]:
    """Walk through the deck with the presenter's own key and report all that is wrong.

    Every address outside the file is blocked, and asking for one is a finding.
    """
    findings: list[Finding] = []
    slide, step = 1, 0

    def report(check: str, element: str, detail: str, remedy: str, line: int = 0) -> None:
        # What the page asks for or logs as a whole belongs to no slide.
        at = (0, 0) if check in {"request", "console"} else (slide, step)
        found = Finding(*at, line, check, element, detail, remedy)
        if not any((f.slide, f.check, f.element) == (at[0], check, element) for f in findings):
            findings.append(found)

    def gate(route: Route) -> None:
        if urlsplit(route.request.url).scheme in {"data", "blob"} or route.request.url.startswith(
            deck.as_uri()
        ):
            route.continue_()
            return
        report("request", route.request.url, "was asked for", "embed it: the venue has no network")
        route.abort()

    # Some browsers read the file once more for `CSS.enable`, and then deny themselves that.
    own = f"Unsafe attempt to load URL {deck.as_uri()} from frame with URL {deck.as_uri()}"

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(own):
            report("console", "page", message.text[:200], "mend the script or the address")

    def failed(request: Request) -> None:
        if request.url != deck.as_uri():
            report("request", request.url[:80], "failed", "mend the address")

    page.route("**/*", gate)
    page.on("requestfailed", failed)
    page.on("console", logged)
    page.on("pageerror", lambda error: report("console", "page", str(error), "mend the script"))
    # Transitions would be looked at half-way.
    page.emulate_media(reduced_motion="reduce")
    page.goto(deck.as_uri())
    page.wait_for_selector(".bespoke-marp-active")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.add_script_tag(path=AXE)
    session = page.context.new_cdp_session(page)
    look, pictures = (
        ROOT / "engine" / "check" / "measure.js",
        Path(__file__).parent / "pictures.js",
    )
    count = page.locator("svg.bespoke-marp-slide").count()

    while True:
        options = {"slides": ".bespoke-marp-active", "smallest": SMALLEST}
        for script in (look, pictures):
            for found in page.evaluate(script.read_text(encoding="utf-8"), options):
                report(**found)
        for found in glyphs(page, session):
            report(**found)
        for found in axe(page):
            report(**found)
        before = position(page)
        page.keyboard.press("ArrowRight")
        after = position(page)
        if after == before:
            break
        slide, step = after
    if slide != count:
        report("deck", "page", f"stops at slide {slide} of {count}", "mend the steps of this slide")
    return findings


def position(page: Page) -> tuple[int, int]:
    """Return the slide on screen, from 1, and how many of its steps are shown."""
    slide, step = page.evaluate(
        """() => {
          const active = document.querySelector('.bespoke-marp-active');
          const slides = [...document.querySelectorAll('svg.bespoke-marp-slide')];
          const steps = active.querySelectorAll('[data-bespoke-marp-fragment="active"]').length;
          return [slides.indexOf(active) + 1, steps];
        }"""
    )
    return slide, step


def glyphs(page: Page, session: CDPSession) -> Iterator[dict[str, Any]]:
    """Yield the texts that are drawn with a font of this machine, not with one the deck carries.

    Asks the browser which fonts it took (Chrome DevTools Protocol,
    `CSS.getPlatformFontsForNode`): on another machine such text may be boxes. It answers for a
    node and two levels below, so each element that holds words is asked about, innermost first.
    """
    page.evaluate(
        """() => {
          for (const element of document.querySelectorAll('.bespoke-marp-active section *')) {
            const words = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
            element.toggleAttribute('data-words', words);
          }
        }"""
    )
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    nodes = session.send(
        "DOM.querySelectorAll", {"nodeId": root, "selector": ".bespoke-marp-active [data-words]"}
    )["nodeIds"]
    told: list[str] = []
    for node in reversed(nodes):
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        families = sorted({font["familyName"] for font in fonts if not font["isCustomFont"]})
        if not families:
            continue
        html = session.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"]
        if any(inner in html for inner in told):
            continue
        told.append(html)
        yield {
            "check": "glyph",
            "element": html[:80],
            "detail": f"is drawn with {', '.join(families)}, which the deck does not carry",
            "remedy": "use a character of the embedded fonts, or embed one that has it",
            "line": page.evaluate(LINE_OF_SLIDE),
        }
    session.send("CSS.disable")
    session.send("DOM.disable")


def axe(page: Page) -> Iterator[dict[str, Any]]:
    """Yield what axe-core's WCAG A and AA rules find on the slide on screen.

    The others are out of the page meanwhile: axe walks all of it, which takes ten times as long.
    """
    violations = page.evaluate(
        """() => {
          const shown = document.querySelector('.bespoke-marp-active');
          const slides = [...document.querySelectorAll('svg.bespoke-marp-slide')];
          const kept = slides.filter((slide) => slide !== shown).map((slide) => {
            const content = document.createDocumentFragment();
            content.append(...slide.childNodes);
            return [slide, content];
          });
          return axe.run('.bespoke-marp-active', {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
            resultTypes: ['violations'],
          }).then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
          nodes.map(({ target, html, failureSummary }) => ({
            id, help, html: html.slice(0, 80),
            line: Number(document.querySelector(String(target.at(-1)))
              ?.closest('[data-line]')?.dataset.line ?? 0),
            why: failureSummary.split('\\n').slice(1).join(' ').trim().slice(0, 200),
          })))).finally(() => {
            for (const [slide, content] of kept) slide.append(content);
          });
        }"""
    )
    for each in violations:
        yield {
            "check": f"axe {each['id']}",
            "element": each["html"],
            "detail": each["help"].lower(),
            "remedy": each["why"],
            "line": each["line"],
        }
