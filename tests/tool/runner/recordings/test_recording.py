"""Recordings are written only for what succeeded and changed, and tell what differs."""

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from runner.processes.output import Output
from runner.recordings.compare import compare, screen
from runner.recordings.record import record
from runner.recordings.recording import RecordingError, load, new
from runner.snippets.catalog import ROOT, Snippet, UnknownSnippetError


@pytest.fixture
def program(tmp_path: Path) -> Snippet:
    """A snippet that prints a line from the file beside it, in green, and how long it took."""
    folder = tmp_path / "snippets" / "why"
    folder.mkdir(parents=True)
    (folder / "text.txt").write_text("4 😊")
    (folder / "program.py").write_text(
        "import time\n"
        "from pathlib import Path\n"
        "began = time.perf_counter()\n"
        "text = Path(__file__).with_name('text.txt').read_text()\n"
        "print(f'\\033[32m{text}\\033[0m')\n"
        "time.sleep(0.2)\n"
        "print(f'took {time.perf_counter() - began:.4f} s')\n"
    )
    return Snippet("why/program.py", tmp_path / "snippets")


def recorded(program: Snippet, *ids: str, again: bool = False) -> tuple[int, str]:
    """Record, and return the exit status and what was shown."""
    console = Console(file=io.StringIO(), width=200)
    status = record(ids or [program.id], program.root, console, again=again)
    assert isinstance(console.file, io.StringIO)
    return status, console.file.getvalue()


def test_a_recording_is_an_asciicast_with_sources_and_versions(program: Snippet) -> None:
    assert recorded(program)[0] == 0
    header, *events, end = map(json.loads, program.recording.read_text().splitlines())
    assert header["version"] == 3
    assert header["term"] == {"cols": 72, "rows": 24}
    assert header["command"] == "python snippets/why/program.py"
    assert list(header["sources"]) == ["why/program.py", "why/text.txt"]
    assert set(header["versions"]) == {"python", "dask", "ray"}
    assert {event[1] for event in events} == {"o"}
    printed = "".join(event[2] for event in events)
    assert re.fullmatch(r"\x1b\[32m4 😊\x1b\[0m\r\ntook \d+\.\d{4} s\r\n", printed)
    assert sum(event[0] for event in [*events, end]) >= 0.2
    assert end[1:] == ["x", "0"]


def test_a_recording_reads_back_as_it_was_written(program: Snippet) -> None:
    recorded(program)
    assert load(program).dump() == program.recording.read_text()
    # Separators that str.splitlines knows and JSON does not.
    odd = new(program, [Output(0.1, "a\u2028b\x85c\x0bd\n"), Output(0.4, "e")], 0.6)
    assert [interval for interval, _ in odd.events] == [0.1, 0.3]
    assert odd.end == 0.2
    program.recording.write_text(odd.dump())
    assert load(program) == odd


def test_recording_again_leaves_the_file_as_it_was(program: Snippet) -> None:
    recorded(program)
    before = program.recording.read_bytes(), program.recording.stat().st_mtime_ns
    status, shown = recorded(program)
    assert (status, "unchanged" in shown) == (0, True)
    assert (program.recording.read_bytes(), program.recording.stat().st_mtime_ns) == before


def test_times_alone_are_recorded_only_when_asked_for(program: Snippet) -> None:
    recorded(program)
    before = program.recording.read_bytes()
    status, shown = recorded(program, again=True)
    assert (status, "written" in shown) == (0, True)
    assert program.recording.read_bytes() != before


def test_a_new_header_keeps_the_recorded_output(program: Snippet) -> None:
    recorded(program)
    before = program.recording.read_text().splitlines()
    program.path.write_text(f"{program.path.read_text()}# a remark\n")
    assert "same output, new header" in recorded(program)[1]
    after = program.recording.read_text().splitlines()
    assert after[0] != before[0]
    assert after[1:] == before[1:]


def test_new_output_is_recorded(program: Snippet) -> None:
    recorded(program)
    (program.path.parent / "text.txt").write_text("5")
    assert "written" in recorded(program)[1]
    assert "5" in load(program).text


def test_a_failing_snippet_is_shown_and_not_recorded(program: Snippet) -> None:
    recorded(program)
    before = program.recording.read_bytes()
    program.path.write_text("print('so far')\nraise SystemExit('no further')\n")
    status, shown = recorded(program)
    assert status == 1
    assert "why/program.py failed with exit status 1" in shown
    assert "so far" in shown
    assert "no further" in shown
    assert program.recording.read_bytes() == before


def test_an_unknown_id_is_refused_before_anything_runs(program: Snippet) -> None:
    with pytest.raises(UnknownSnippetError, match=r"did you mean 'why/program.py'"):
        recorded(program, "why/program.py", "why/progam.py")  # codespell:ignore
    assert not program.recording.exists()


CASES = json.loads((ROOT / "tests" / "tool" / "recordings.json").read_text(encoding="utf-8"))


def write_case(snippet: Snippet, lines: list[str]) -> None:
    """The recording of these lines, in which HEADER stands for a sound one, some of it changed."""
    sound = json.loads(CASES["header"])
    written = [
        json.dumps(sound | json.loads(line.removeprefix("HEADER") or "{}"))
        if line.startswith("HEADER")
        else line
        for line in lines
    ]
    snippet.recording.write_text("\n".join(written) + "\n", encoding="utf-8")


@pytest.fixture
def a(tmp_path: Path) -> Snippet:
    """A program at the top of its folder."""
    (tmp_path / "a.py").write_text("print(4)\n")
    return Snippet("a.py", tmp_path)


@pytest.mark.parametrize("name", CASES["good"])
def test_a_sound_recording_is_read(a: Snippet, name: str) -> None:
    write_case(a, CASES["good"][name])
    assert load(a).command == "python snippets/a.py"


@pytest.mark.parametrize("name", CASES["damaged"])
def test_a_damaged_recording_is_named_with_line_and_remedy(a: Snippet, name: str) -> None:
    lines, line, message = CASES["damaged"][name]
    write_case(a, lines)
    with pytest.raises(RecordingError) as error:
        load(a)
    place = f"{a.root.name}/a.py.cast:{line}"
    remedy = "record it again: npm run record a.py"
    assert str(error.value) == f"{place}: damaged: {message}; {remedy}"


def test_a_recording_is_of_the_terminal_and_the_exit_that_are_declared(program: Snippet) -> None:
    recorded(program)
    text = program.text
    program.path.write_text(f"# snippet: terminal 100x30\n{text}")
    with pytest.raises(RecordingError, match=r"cast:1: of another terminal than 100x30; record"):
        load(Snippet(program.id, program.root))
    program.path.write_text(f"# snippet: exit 3\n{text}")
    with pytest.raises(RecordingError, match=r"cast:1: of another exit than 3; record it again"):
        load(Snippet(program.id, program.root))


def test_a_failure_that_is_declared_is_recorded(program: Snippet) -> None:
    program.path.write_text("# snippet: exit 3\nprint('so far')\nraise SystemExit(3)\n")
    declaring = Snippet(program.id, program.root)
    assert recorded(declaring)[0] == 0
    assert load(declaring).status == 3
    assert load(declaring).dump() == program.recording.read_text()
    assert json.loads(program.recording.read_text().splitlines()[-1])[1:] == ["x", "3"]


ASKING = {
    "why/ask.py": "print('Two numbers, please.')\na = int(input('a = '))\nb = int(input())\n"
    "print(f'{a + b = }')\n",
    "why/ask.sh": "echo Two numbers, please.\nread -p 'a = ' a\nread b\necho a + b = $((a + b))\n",
}


@pytest.mark.parametrize("id", ASKING)
def test_what_a_program_asks_is_answered_from_the_file_beside_it(program: Snippet, id: str) -> None:
    asking = Snippet(id, program.root)
    asking.path.write_text(ASKING[id])
    status, shown = recorded(program, id)
    assert status == (0 if id.endswith("sh") else 1), "without a file there is no input"
    assert "EOF" in shown or id.endswith("sh")
    asking.input.write_text("40\n2\n")
    assert recorded(program, id)[0] == 0
    recording = load(asking)
    assert list(recording.sources) == [id, f"{id}.stdin"]
    assert screen(asking, recording.text).text == ("Two numbers, please.\na = 40\n2\na + b = 42")


def test_a_prepared_input_ends_after_its_last_line(program: Snippet) -> None:
    program.path.write_text("import sys\nprint(sys.stdin.readlines())\n")
    program.input.write_text("one\ntwo 😊\n")
    assert recorded(program)[0] == 0
    text = screen(program, load(program).text).text
    assert text == "one\ntwo 😊\n['one\\n', 'two 😊\\n']"


@pytest.mark.parametrize("text", ["print(4)", "raise SystemExit(4)"])
def test_another_end_than_the_declared_is_not_recorded(program: Snippet, text: str) -> None:
    program.path.write_text(f"# snippet: exit 3\n{text}\n")
    status, shown = recorded(program)
    assert status == 1
    assert re.search(r"failed with exit status [04], not 3 as it declares", shown)
    assert not program.recording.exists()


def test_one_that_cannot_be_recorded_holds_up_no_other(program: Snippet) -> None:
    bad = program.path.with_name("bad.py")
    bad.write_text("# snippet: exits 3\nprint(4)\n")
    status, shown = recorded(program, "why/bad.py", "why/program.py")
    assert status == 1
    assert "bad.py:1: '# snippet: exits 3' means nothing" in shown
    assert program.recording.exists()


def test_a_missing_or_cut_recording_is_named_with_the_remedy(program: Snippet) -> None:
    with pytest.raises(RecordingError, match="there is no such recording; record it again: npm"):
        load(program)
    recorded(program)
    program.recording.write_text(program.recording.read_text().splitlines()[0] + "\n")
    with pytest.raises(RecordingError, match=r"cast:1: damaged: it is cut off: no exit at the end"):
        load(program)


def test_a_difference_is_a_diff_with_the_command_that_accepts_it(program: Snippet) -> None:
    difference = compare(program, "squares:\r\n4\r\n9\r\n", "squares:\r\n5\r\n9\r\n")
    assert difference.splitlines() == [
        "why/program.py printed something else than its recording:",
        "--- why/program.py.cast",
        "+++ printed now",
        "@@ -1,3 +1,3 @@",
        " squares:",
        "-4",
        "+5",
        " 9",
        "If the new output is right, accept it: npm run record why/program.py",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 %\r50 %\rdone\r\n", "30 %\rdone\r\n"),  # a progress bar
        ("one\r\n\x1b[A\x1b[2Kdone\r\n", "done\r\n"),  # a line written over
        ("took 1.02 s\r\n", "took 0.98 s\r\n"),
        ("\x1b[32mdone\x1b[0m\r\n", "\x1b[1;32m\x1b[22mdone\x1b[0m   \r\n\r\n"),
        ("took \x1b[32m1.02 s\x1b[0m\r\n", "took \x1b[31m0.98 s\x1b[0m\r\n"),  # masked whole
    ],
)
def test_final_screens_are_compared(program: Snippet, one: str, other: str) -> None:
    assert compare(program, one, other) == ""


SCREENS = json.loads((ROOT / "tests" / "tool" / "screens.json").read_text(encoding="utf-8"))[
    "screens"
]


@pytest.mark.parametrize("name", SCREENS)
def test_what_is_compared_is_what_the_slide_shows(program: Snippet, name: str) -> None:
    printed, lines = SCREENS[name]
    assert screen(program, printed).text.split("\n") == lines
    assert compare(program, printed, "\r\n".join(lines)) == ""
    assert compare(program, printed, f"{printed}\x1b[30;1H.")


def test_the_screen_keeps_what_scrolled_off_and_wraps_long_lines(program: Snippet) -> None:
    text = "".join(f"{number}\r\n" for number in range(2000)) + 73 * "x"
    lines = screen(program, text).text.split("\n")
    assert lines[:2] == ["0", "1"]
    assert lines[-2:] == [72 * "x", "x"]
    assert len(lines) == 2002


def test_a_wrong_answer_is_seen_above_wide_characters(program: Snippet) -> None:
    wide = "日" * 3000
    assert compare(program, f"4\r\n{wide}", f"5\r\n{wide}")


def test_a_difference_of_look_alone_is_told(program: Snippet) -> None:
    difference = compare(program, "\x1b[32mPASS\x1b[0m 4\r\n", "\x1b[31mPASS\x1b[0m 4\r\n")
    assert '-<style="color:var(--ansi-2)">PASS</> 4' in difference
    assert '+<style="color:var(--ansi-1)">PASS</> 4' in difference


# What programs print, awkward for terminals or not; none conceals, leaves or clears the screen.
PIECES = st.sampled_from(
    [
        *("✅", "⚠️", "✔️", "❤️", "👨‍👩‍👧‍👦", "👍🏽", "🇨🇿", "1️⃣", "e\u0301", "你好", "นี้", "\u200b"),
        *("\ufe0f", "\u200d", "\u0301", "a", " ", "7", "…", "│", "\t", "\x0e", "\x0f", "\ufffd"),
        *("\r\n", "\r\n\r\n", "\x1b[32m", "\x1b[7m", "\x1b[2m", "\x1b[0m", "\x1b[9m", "\x1b[3b"),
        *(
            "\x1b[38;5;196m",
            "\x1b]8;;http://a\x1b\\",
            "\x1b[?25l",
            "\x1b[1m",
            "1.02",
            "took 1.02 s",
        ),
    ]
)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.lists(PIECES, max_size=12), after=st.lists(PIECES, max_size=12))
def test_another_digit_is_seen_wherever_it_stands(
    a: Snippet, before: list[str], after: list[str]
) -> None:
    one, other = (f"{''.join(before)}\x0f {digit} {''.join(after)}\r\n" for digit in "45")
    assert compare(a, one, other)


def test_what_was_cut_is_not_recorded(program: Snippet) -> None:
    program.path.write_text("print('x' * 1_100_000)\n")
    status, shown = recorded(program)
    assert status == 1
    assert "failed with output cut after 1,000,000 bytes" in shown
    assert not program.recording.exists()


def test_an_id_given_twice_is_recorded_once(program: Snippet) -> None:
    assert "unchanged" not in recorded(program, program.id, program.id)[1]
