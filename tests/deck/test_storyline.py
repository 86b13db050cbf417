"""The deck's words: every slide is timed, in its part, and the seed's slides are all there."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECK = ROOT / "slides" / "deck.md"

SLOT_MINUTES = 45
SHORT_MINUTES = 15

RAY_JOBS = "https://docs.ray.io/en/latest/cluster/running-applications/job-submission/"

# The deck this talk grew from, in its order: each slide's words, its code, its footer.
SEED: tuple[tuple[str, str, str], ...] = (
    ("# **Distributed computing in Python** Petr Janík, 2023", "", ""),
    (
        "# Motivation"
        " - 😊 It's easy to develop POC ML algorithms locally on small data."
        " - 😓 It's hard to put them to production and/or run them on large data.",
        "",
        "",
    ),
    ("# Solution Distributed computing", "", ""),
    ("# Project intro Poetry FastAPI", "", ""),
    (
        "# **Dask.distributed** _A lightweight library for distributed computing in Python._",
        "",
        "https://distributed.dask.org/",
    ),
    ("# How to install", "poetry add dask distributed", ""),
    (
        "# **Ray** _Open-source unified compute framework that makes it easy to scale AI and"
        " Python workloads._",
        "",
        "https://www.ray.io/",
    ),
    ("# How to install", 'poetry add "ray[default]"', ""),
    (
        "# Ray Client Connects to a remote Ray cluster.",
        'ray.init("ray://localhost:10001")\n'
        "@ray.remote\n"
        "def square_number_ray(num: int) -> int:\n"
        "    return square_number(num)\n"
        "future = square_number_ray.remote(2)\n"
        "result = ray.get(future)  # 4",
        f"{RAY_JOBS}ray-client.html",
    ),
    (
        "# Ray Jobs The recommended way to run a job on a Ray cluster.",
        "",
        f"{RAY_JOBS}index.html",
    ),
    (
        "# Jobs CLI",
        "ray job submit --address http://localhost:8265 -- python script.py",
        f"{RAY_JOBS}quickstart.html",
    ),
    (
        "# Python SDK:",
        'client = JobSubmissionClient("http://localhost:8265")\n'
        "job_id = client.submit_job(\n"
        '    entrypoint="python script.py",\n'
        ")",
        f"{RAY_JOBS}sdk.html",
    ),
    ("# Thank you Code + Slides: https://github.com/petr7555/dask-ray-demo", "", ""),
)

# The first slide of a part, and the class that gives the part its colour.
PARTS: tuple[tuple[str, str], ...] = (
    ("# **Distributed computing in Python**", "why"),
    ("# **Dask.distributed**", "dask"),
    ("# **Ray**", "ray"),
    ("# **Choosing**", "choosing"),
)


@dataclass(frozen=True)
class Slide:
    """One slide: where it starts in deck.md, its classes, and its source."""

    line: int
    classes: frozenset[str]
    source: str

    def __str__(self) -> str:
        return f"slides/deck.md:{self.line} {self.heading}"

    @property
    def heading(self) -> str:
        """The first heading, as written."""
        found = re.search(r"^#+ .+$", self.source, re.MULTILINE)
        return found[0] if found else "(no heading)"

    @property
    def comments(self) -> list[str]:
        """What stands in HTML comments: directives and the speaker's notes."""
        return [text.strip() for text in re.findall(r"<!--(.*?)-->", self.source, re.DOTALL)]

    def note(self, name: str) -> str | None:
        """The rest of the note's line `NAME: …`, if there is one."""
        for comment in self.comments:
            if found := re.search(rf"^{name}: *(.+)$", comment, re.MULTILINE):
                return found[1]
        return None

    @property
    def minutes(self) -> float:
        """How long the slide is to take; KeyError with the remedy if it does not say."""
        time = self.note("Time")
        if time is None:
            raise KeyError(f"{self}: the notes have no 'Time: MINUTES' line; add one")
        return float(time)

    @property
    def words(self) -> str:
        """What the audience reads, code, pictures and footer left out."""
        shown = re.sub(r"<!--.*?-->|<style.*?</style>", "", self.source, flags=re.DOTALL)
        shown = re.sub(r"!\[.*?\]\(.*?\)|^(<<<|>>>) .*$", "", shown, flags=re.MULTILINE)
        return " ".join(shown.split())

    @property
    def code(self) -> str:
        """The imported code without its blank lines."""
        imports = re.findall(r"^<<< (\S+?)(?:#(\S+))?(?: \{.*\})?$", self.source, re.MULTILINE)
        lines = "\n".join(imported(path, region) for path, region in imports).splitlines()
        return "\n".join(line for line in lines if line.strip())


def imported(path: str, region: str) -> str:
    """The code of a snippet's region, or of all of it."""
    text = (ROOT / "snippets" / path).read_text("utf-8")
    if region:
        marked = re.search(
            rf"# region {region}\n(.*?)^\s*# endregion {region}$", text, re.DOTALL | re.MULTILINE
        )
        assert marked, f"{path} has no region {region}"
        text = marked[1]
    return textwrap.dedent(text)


def read_slides() -> list[Slide]:
    """The deck cut at its rulers, classes carried on as Marp does."""
    _, _, body = DECK.read_text("utf-8").split("---\n", 2)
    first_line = DECK.read_text("utf-8").count("\n") - body.count("\n") + 1
    inherited = re.search(r"^class: *(.+)$", DECK.read_text("utf-8"), re.MULTILINE)
    current = inherited[1] if inherited else ""
    slides = []
    for source in re.split(r"^---\n", body, flags=re.MULTILINE):
        if changed := re.search(r"<!-- class: *(.+?) -->", source):
            current = changed[1]
        local = re.search(r"<!-- _class: *(.+?) -->", source)
        classes = frozenset((local[1] if local else current).split())
        slides.append(Slide(first_line, classes, source))
        first_line += source.count("\n") + 1
    return slides


def talk(slides: list[Slide]) -> list[Slide]:
    """The slides that are given, up to the one that ends the talk."""
    headings = [slide.heading for slide in slides]
    return slides[: headings.index("# Thank you") + 1]


def test_the_minutes_of_all_slides_fill_the_slot() -> None:
    assert sum(slide.minutes for slide in read_slides()) == SLOT_MINUTES


def test_the_short_path_takes_a_quarter_of_an_hour() -> None:
    short = [slide for slide in read_slides() if slide.note("Short") == "yes"]
    assert sum(slide.minutes for slide in short) == SHORT_MINUTES


def test_every_slide_of_the_seed_is_there_in_its_order_with_its_words_and_code() -> None:
    remaining = iter(read_slides())
    for words, code, footer in SEED:
        assert any(
            slide.words.startswith(words)
            and code in slide.code
            and footer == (slide.note("_footer") or "")
            for slide in remaining
        ), f"the seed's slide {words!r} is not in the deck after the one before it"


def test_every_slide_wears_the_colour_of_its_part() -> None:
    part = ""
    for slide in talk(read_slides()):
        part = dict(PARTS).get(slide.heading, part)
        assert part in slide.classes, f"{slide}: class {part!r} is missing; add it"
    assert part == PARTS[-1][1]


def test_the_appendix_takes_no_time_and_wears_a_colour_of_the_talk() -> None:
    slides = read_slides()
    appendix = slides[len(talk(slides)) :]
    assert appendix
    for slide in appendix:
        assert slide.heading.startswith("# Appendix: "), f"{slide} comes after the last slide"
        assert slide.minutes == 0, f"{slide} is for questions; let it take 0 minutes"
        assert len(slide.classes & set(dict(PARTS).values())) == 1


def test_every_slide_has_one_heading() -> None:
    for slide in read_slides():
        headings = re.findall(r"^# ", slide.source, re.MULTILINE)
        assert len(headings) == 1, f"{slide}: {len(headings)} first-level headings"
