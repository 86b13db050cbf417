"""Recordings are written only for what succeeded and changed, and tell what differs."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from runner.catalog import Snippet, UnknownSnippetError
from runner.process import Output
from runner.recordings import RecordingError, compare, load, new, record, screen


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


HEADER = '{"version": 3, "term": {"cols": 72, "rows": 24}, %s}'


@pytest.mark.parametrize(
    ("line", "text", "fault"),
    [
        (1, "", "Expecting value"),
        (1, "[]", "not an asciicast of version 3"),
        (1, '{"version": 2}', "not an asciicast of version 3"),
        (1, '{"version": 3, "term": {"cols": 80, "rows": 24}}', "not a terminal of 72 × 24"),
        (2, '["soon", "o", "4"]', "could not convert"),
        (1, HEADER % '"command": "", "sources": []', "'sources' does not map text to text"),
        (2, '[NaN, "o", "4"]', "nan is no time"),
        (2, '[-5, "o", "4"]', "-5 is no time"),
        (2, '[0.1, "i", "4"]', "not an output event"),
        (2, '[0.1, "o", 4]', "not an output event"),
        (2, '[0.1, "o", "cut o', "Unterminated string"),
        (4, '[0.1, "x", "1"]', "the last event is not an exit with status 0"),
        (4, '[0.1, "o", "more"]', "the last event is not an exit with status 0"),
    ],
)
def test_a_damaged_recording_is_named_with_line_and_remedy(
    program: Snippet, line: int, text: str, fault: str
) -> None:
    output = [Output(0.1, "4 😊\r\n"), Output(0.3, "took 0.2 s\r\n")]
    lines = new(program, output, 0.4).dump().splitlines()
    lines[line - 1] = text
    program.recording.write_text("\n".join(lines) + "\n")
    with pytest.raises(RecordingError) as error:
        load(program)
    message = str(error.value)
    assert message.startswith(f"snippets/why/program.py.cast:{line}: damaged ({fault}")
    assert message.endswith("; record it again: npm run record why/program.py")


def test_a_missing_or_cut_recording_is_named_with_the_remedy(program: Snippet) -> None:
    with pytest.raises(RecordingError, match="there is no such recording; record it again: npm"):
        load(program)
    recorded(program)
    program.recording.write_text(program.recording.read_text().splitlines()[0] + "\n")
    with pytest.raises(RecordingError, match="no event follows the header"):
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
        ("\x1b[32mdone\x1b[0m\r\n", "done   \r\n\r\n"),
    ],
)
def test_final_screens_are_compared(program: Snippet, one: str, other: str) -> None:
    assert compare(program, one, other) == ""


def test_the_screen_keeps_what_scrolled_off_and_wraps_long_lines() -> None:
    text = "".join(f"{number}\r\n" for number in range(2000)) + 73 * "x"
    lines = screen(text)
    assert lines[:2] == ["0", "1"]
    assert lines[-2:] == [72 * "x", "x"]
    assert len(lines) == 2002


def test_a_wrong_answer_is_seen_above_wide_characters(program: Snippet) -> None:
    wide = "日" * 3000
    assert compare(program, f"4\r\n{wide}", f"5\r\n{wide}")


def test_codes_of_newer_terminals_are_passed_over() -> None:
    assert screen("\x1b[?1m\x1b[>4;2m4\x1b[0m") == ["4"]


def test_what_was_cut_is_not_recorded(program: Snippet) -> None:
    program.path.write_text("print('x' * 1_100_000)\n")
    status, shown = recorded(program)
    assert status == 1
    assert "failed with output cut after 1,000,000 bytes" in shown
    assert not program.recording.exists()


def test_an_id_given_twice_is_recorded_once(program: Snippet) -> None:
    assert "unchanged" not in recorded(program, program.id, program.id)[1]
