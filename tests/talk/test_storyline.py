"""The deck's words: every slide is timed, in its part, and the seed's slides are all there."""

import re
from importlib.metadata import version
from urllib.parse import urlsplit

import pytest

from runner.clusters.kinds import kinds
from runner.engine import Deck, Slide, read_deck
from runner.recordings.recording import load
from runner.snippets.catalog import ROOT, Snippet

TALK_MINUTES = 36  # of 45, so that nine are left for questions
SHORT_MINUTES = 15
WORDS_PER_MINUTE = 150

RAY_JOBS = "https://docs.ray.io/en/releases-2.60.0/cluster/running-applications/job-submission/"

# Which release the page behind a link is about changes under whoever reads it later.
MOVING = re.compile(r"/(latest|stable|master|main|dev)(/|$)")

# The deck this talk grew from, in its order: each slide's words, its code, its footer.
SEED: tuple[tuple[str, str, str], ...] = (
    ("Distributed computing in Python Petr Janík, 2023", "", ""),
    (
        "Motivation"
        " 😊 It's easy to develop POC ML algorithms locally on small data."
        " 😓 It's hard to put them to production and/or run them on large data.",
        "",
        "",
    ),
    ("Solution Distributed computing", "", ""),
    ("Project intro Poetry FastAPI", "", ""),
    (
        "Dask.distributed A lightweight library for distributed computing in Python.",
        "",
        "https://distributed.dask.org/",
    ),
    ("How to install", "poetry add dask distributed", ""),
    (
        "Ray Open-source unified compute framework that makes it easy to scale AI and"
        " Python workloads.",
        "",
        "https://www.ray.io/",
    ),
    ("How to install", 'poetry add "ray[default]"', ""),
    (
        "Ray Client Connects to a remote Ray cluster.",
        'ray.init("ray://localhost:10001")\n'
        "@ray.remote\n"
        "def square_number_ray(num: int) -> int:\n"
        "    return square_number(num)\n"
        "future = square_number_ray.remote(2)\n"
        "result = ray.get(future)  # 4",
        f"{RAY_JOBS}ray-client.html",
    ),
    (
        "Ray Jobs The recommended way to run a job on a Ray cluster.",
        "",
        f"{RAY_JOBS}index.html",
    ),
    (
        "Jobs CLI",
        "ray job submit --address http://localhost:8265 -- python script.py",
        f"{RAY_JOBS}quickstart.html",
    ),
    (
        "Python SDK:",
        'client = JobSubmissionClient("http://localhost:8265")\n'
        "job_id = client.submit_job(\n"
        '    entrypoint="python script.py",\n'
        ")",
        f"{RAY_JOBS}sdk.html",
    ),
    ("Thank you Code + Slides: https://github.com/petr7555/dask-ray-demo", "", ""),
)

# What nobody who hears the talk need know before.
GLOSSARY = (
    "task", "graph", "nanny", "future", "key", "chunk", "partition", "scatter",
    "GCS", "raylet", "lease", "driver", "owner", "object ref", "actor", "job",
    "namespace", "runtime_env",
)  # fmt: skip

# The first slide of a part, and the class that gives the part its colour.
PARTS: tuple[tuple[str, str], ...] = (
    ("Distributed computing in Python", "why"),
    ("Dask.distributed", "dask"),
    ("Ray", "ray"),
    ("Choosing", "choosing"),
)


@pytest.fixture(scope="module")
def deck() -> Deck:
    """The deck as it is."""
    return read_deck()


def minutes(slide: Slide) -> float:
    """How long the slide is to take."""
    time = slide.note("Time")
    assert time is not None, f"{slide}: the notes have no 'Time: MINUTES' line; add one"
    return float(time)


def code_of(deck: Deck, number: int) -> str:
    """The code on a slide, without its blank lines."""
    blocks = [b for b in deck.blocks if b["slide"] == number and b["kind"] == "code"]
    lines = "\n".join(block["text"] for block in blocks).splitlines()
    return "\n".join(line for line in lines if line.strip())


def talk(slides: list[Slide]) -> list[Slide]:
    """The slides that are given, up to the one that ends the talk."""
    headings = [slide.headings[0] for slide in slides]
    return slides[: headings.index("Thank you") + 1]


def test_the_minutes_of_all_slides_leave_time_for_questions(deck: Deck) -> None:
    assert sum(map(minutes, deck.slides)) == TALK_MINUTES


def test_the_short_path_takes_a_quarter_of_an_hour(deck: Deck) -> None:
    short = [slide for slide in deck.slides if slide.note("Short") == "yes"]
    assert sum(map(minutes, short)) == SHORT_MINUTES


def test_what_is_said_and_run_fits_into_the_minutes_of_its_slide(deck: Deck) -> None:
    """At the pace of a calm speaker; programs take as long as when they were recorded."""
    late = []
    for number, slide in enumerate(talk(deck.slides), start=1):
        said = [note["text"] for note in slide.notes if note["label"] in {"Say", "Ask"}]
        words = len(" ".join(said).split()) / WORDS_PER_MINUTE
        shown = (b for b in deck.blocks if b["slide"] == number and b["kind"] == "output")
        runs = {block["run"] for block in shown}
        seconds = sum(event[0] for id in runs for event in load(Snippet(id)).events)
        if words + seconds / 60 > minutes(slide):
            late.append(f"{slide}: {words:.2f} minutes of words, {seconds:.0f} s of programs")
    assert not late, "\n".join(late)


def test_every_slide_of_the_seed_is_there_in_its_order_with_its_words_and_code(deck: Deck) -> None:
    remaining = iter(enumerate(deck.slides, start=1))
    for words, code, footer in SEED:
        assert any(
            slide.words.startswith(words)
            and code in code_of(deck, number)
            and footer == slide.footer
            for number, slide in remaining
        ), f"the seed's slide {words!r} is not in the deck after the one before it"


def test_every_slide_wears_the_colour_of_its_part(deck: Deck) -> None:
    part = ""
    for slide in talk(deck.slides):
        part = dict(PARTS).get(slide.headings[0], part)
        assert part in slide.classes, f"{slide}: class {part!r} is missing; add it"
    assert part == PARTS[-1][1]


def test_the_appendix_takes_no_time_and_is_told_apart(deck: Deck) -> None:
    appendix = deck.slides[len(talk(deck.slides)) :]
    assert appendix
    for slide in appendix:
        assert slide.headings[0].startswith("Appendix: "), f"{slide} comes after the last slide"
        assert minutes(slide) == 0, f"{slide} is for questions; let it take 0 minutes"
        assert len(set(slide.classes) & set(dict(PARTS).values())) == 1
        assert "appendix" in slide.classes, f"{slide}: class 'appendix' is missing; add it"
    assert not any("appendix" in slide.classes for slide in talk(deck.slides))


def source(deck: Deck, number: int) -> str:
    """A slide as the deck has it, without notes."""
    lines = (ROOT / "slides" / "deck.md").read_text(encoding="utf-8").splitlines()
    starts = [slide.line for slide in deck.slides] + [len(lines) + 1]
    text = "\n".join(lines[starts[number - 1] - 1 : starts[number] - 1])
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def read_by_the_audience(deck: Deck, number: int) -> str:
    """The words of a slide, of its code and outputs, and in its pictures."""
    slide = deck.slides[number - 1]
    words = [slide.words.removesuffix(slide.footer)]
    words += [block["text"] for block in deck.blocks if block["slide"] == number]
    for name in re.findall(r"\(\.\./(assets/\S+\.(?:svg|dot))", source(deck, number)):
        words += re.findall(r">([^<>]+)</text>", (ROOT / name).read_text(encoding="utf-8"))
    return "\n".join(words)


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_term_is_explained_on_the_slide_where_it_is_first_seen(deck: Deck, term: str) -> None:
    numbers = range(1, len(deck.slides) + 1)
    seen = re.compile(rf"\b{term}s?\b", re.IGNORECASE)
    first = next((n for n in numbers if seen.search(read_by_the_audience(deck, n))), None)
    assert first, f"no slide has {term!r}; take it out of the glossary"
    explained = any(one["term"].startswith(term) for one in deck.slides[first - 1].terms)
    assert explained, f"{deck.slides[first - 1]}: say what it means: '> **{term}**: …'"


def test_every_slide_has_one_heading(deck: Deck) -> None:
    for slide in deck.slides:
        assert len(slide.headings) == 1, f"{slide}: {len(slide.headings)} headings"


def test_links_lead_to_the_releases_that_the_talk_is_about() -> None:
    """Those in footers and in the speaker's notes too."""
    text = (ROOT / "slides" / "deck.md").read_text(encoding="utf-8")
    links = re.findall(r"https?://[^\s)>\"']+", text)
    assert links
    names = ("dask", "dask-kubernetes")
    releases = [*(f"/en/{version(name)}/" for name in names), f"/en/releases-{version('ray')}/"]
    others = [link for link in links if "/en/" in link and not any(r in link for r in releases)]
    wrong = [*filter(MOVING.search, links), *others]
    assert not wrong, f"{wrong}: lead to the release, as {' and '.join(releases)} do"


def test_each_dashboard_is_that_of_a_cluster(deck: Deck) -> None:
    """Of no other port: its slide would show a still for ever."""
    ports = {kind.dashboard for kind in kinds().values()}
    assert deck.dashboards
    for dashboard in deck.dashboards:
        assert urlsplit(dashboard["address"]).port in ports, f"slides/deck.md:{dashboard['line']}"


def test_a_source_is_a_link(deck: Deck) -> None:
    sources = [(slide, slide.note("Source")) for slide in deck.slides if slide.note("Source")]
    assert sources
    for slide, text in sources:
        assert "](https://" in str(text), f"{slide}: 'Source: {text}' leads nowhere; link it"
