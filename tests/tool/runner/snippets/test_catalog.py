"""What the catalog says of the files under `snippets/`."""

import json
from pathlib import Path

import pytest

from runner.snippets.catalog import (
    ROOT,
    Snippet,
    UnknownSnippetError,
    discover,
    find,
    needed,
    runnable,
    sources,
)
from runner.snippets.declaration import Declaration, DeclarationError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Some snippets of every sort."""
    files = {
        "dask/futures.py": "from dask.distributed import Client\nClient('localhost:8786')\n",
        "dask/threads.py": "# snippet: needs nothing\nimport dask.array\n",
        "dask/futures.py.cast": "a recording",
        "ray/client.py": "import ray\nray.init('ray://localhost:10001')\n",
        "ray/jobs.sh": "ray job submit --address http://localhost:8265 -- python script.py\n",
        "ray/script.py": "import ray\nfrom counting import count\nprint(count())\n",
        "ray/counting.py": "# snippet: part\ndef count() -> int:\n    return 1\n",
        "ray/notes.txt": "read by nobody",
        "install/ray.sh": 'poetry add "ray[default]"\n',
        "service/app.py": (
            "# snippet: part\nimport engines.ours\n"
            "from fastapi import FastAPI\napp = FastAPI()\n"
            "app.add_middleware(print)\nif __name__ == '__main__':\n    serve(app)\n"
        ),
        "service/engines/__init__.py": "",
        "service/engines/ours.py": "# snippet: part\nfrom . import theirs\n",
        "service/engines/theirs.py": "# snippet: part\nimport dask\nimport ray\n",
        "service/tour.py": "# snippet: needs dask, needs ray\nAPP = 'app.py'\nprint(APP)\n",
        "why/limit.py": "# snippet: part\nLIMIT = 3\nprint(LIMIT)\n",
        "why/guarded.py": "import limit\nif __name__ == '__main__':\n    print(limit.LIMIT)\n",
        "why/broken.py": "print(\n",
    }
    root = tmp_path / "snippets"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_snippets_are_found_by_the_rule_that_the_engine_has(tmp_path: Path) -> None:
    cases = json.loads((ROOT / "tests" / "tool" / "ids.json").read_text())
    for name in (*cases["programs"], *cases["files"], *cases["others"]):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(snippet) for snippet in discover(tmp_path)] == cases["programs"]


def test_a_program_is_what_declares_to_be_no_part_of_one(root: Path) -> None:
    assert [str(snippet) for snippet in runnable(root)] == [
        "dask/futures.py",
        "dask/threads.py",
        "install/ray.sh",
        "ray/client.py",
        "ray/jobs.sh",
        "ray/script.py",
        "service/tour.py",
        "why/broken.py",  # running it says what is wrong
        "why/guarded.py",
    ]


@pytest.mark.parametrize(
    ("id", "needs"),
    [
        ("dask/futures.py", ["dask"]),
        ("dask/threads.py", []),
        ("ray/jobs.sh", ["ray"]),
        ("install/ray.sh", []),
        ("service/tour.py", ["dask", "ray"]),
        ("why/limit.py", []),
        ("why/broken.py", []),
    ],
)
def test_a_snippet_needs_what_it_declares_or_its_folder_s_cluster(
    root: Path, id: str, needs: list[str]
) -> None:
    snippet = Snippet(id, root)
    assert list(snippet.needs) == needs
    assert [kind.name for kind in needed([snippet])] == needs


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("dask/futures.py", ["dask/futures.py"]),
        ("ray/jobs.sh", ["ray/counting.py", "ray/jobs.sh", "ray/script.py"]),
        ("why/guarded.py", ["why/guarded.py", "why/limit.py"]),
        (
            "service/tour.py",
            [
                "service/app.py",
                "service/engines/__init__.py",
                "service/engines/ours.py",
                "service/engines/theirs.py",
                "service/tour.py",
            ],
        ),
    ],
)
def test_sources_are_the_files_it_imports_and_names(
    root: Path, id: str, expected: list[str]
) -> None:
    assert sources(Snippet(id, root)) == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("python client.py", True),
        ("python ./client.py", True),
        ("python snippets/ray/client.py", True),
        ("open('client.py')", True),
        ("It runs client.py.", True),
        ("python other_client.py", False),
        ("python snippets/dask/client.py", False),
        ("client.py.cast", False),
        ("client.pyc", False),
    ],
)
def test_a_name_is_the_whole_name(root: Path, text: str, named: bool) -> None:
    (root / "ray" / "names.sh").write_text(text)
    assert ("ray/client.py" in sources(Snippet("ray/names.sh", root))) == named


def test_the_command_is_what_a_reader_types(root: Path) -> None:
    assert find("ray/client.py", root).command == ("python", "snippets/ray/client.py")
    assert find("ray/jobs.sh", root).command == ("bash", "snippets/ray/jobs.sh")


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("dask/futurs.py", "no snippet 'dask/futurs.py'; did you mean 'dask/futures.py'?"),
        ("x", "no snippet 'x'; there are: dask/futures.py, dask/threads.py, "),
        ("a" * 300, "no snippet 'aaa"),  # no file may have such a name
        ("dask/futures.py.cast", "no snippet 'dask/futures.py.cast'; did you mean "),
        ("../secrets.py", "'../secrets.py' is outside snippets/; give a path below it"),
        ("dask/../../secrets.py", "'dask/../../secrets.py' is outside snippets/; "),
        ("/bin/sh", "'/bin/sh' is outside snippets/; "),
        ("why/limit.py", "'why/limit.py' is part of a program and not one itself; run "),
    ],
)
def test_an_unknown_id_is_refused_with_the_remedy(root: Path, id: str, message: str) -> None:
    with pytest.raises(UnknownSnippetError) as refusal:
        find(id, root)
    assert str(refusal.value).startswith(message)


def test_an_unknown_id_is_refused_without_reading_a_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All streams stand meanwhile: the names alone must do."""
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("a file was read"))
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("a file was read"))
    with pytest.raises(UnknownSnippetError):
        find("dask/futurs.py", root)


@pytest.mark.parametrize(
    "text", [b"print('Jan\xedk')", b"from ................ import x", b"print(\x00)"]
)
def test_one_file_that_is_no_program_disables_no_other(root: Path, text: bytes) -> None:
    (root / "why" / "odd.py").write_bytes(text)
    assert find("ray/client.py", root).needs == ("ray",)
    assert sources(Snippet("why/odd.py", root)) == ["why/odd.py"]


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("print(4)\n", Declaration()),
        ("#!/bin/sh\n\n# snippet: exit 1\nfalse\n", Declaration(status=1)),
        (
            "# snippet: terminal 100x30, exit 3\n'Words.'\n",
            Declaration(status=3, columns=100, rows=30),
        ),
        ("# snippet: exit 2\n# snippet: terminal 80x24\n", Declaration(2, 80, 24)),
        ("# snippet: needs ray, alone\n", Declaration(needs=("ray",), alone=True)),
        ("# snippet: needs namespaces\n", Declaration(namespaces=True)),
        ("# snippet: part, port 8000, port 9000\n", Declaration(ports=(8000, 9000))),
        ("'Words.'\n\nimport os\n# snippet: exit 2\n", Declaration(2)),
        # A comment and nothing else, though it begins a line.
        ('text = """\n# snippet: exit 1\n"""\n', Declaration()),
        ("x = [  # snippet: exit 1\n", Declaration()),
    ],
)
def test_a_snippet_declares_status_and_terminal(
    tmp_path: Path, text: str, declared: Declaration
) -> None:
    (tmp_path / "a.py").write_text(text)
    assert Snippet("a.py", tmp_path).declared == declared


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("exits 1", "a.py:2: '# snippet: exits 1' means nothing; write 'exit STATUS'"),
        ("exit 0", "a.py:2: 'exit 0' is no failure; a status is from 1 to 255"),
        ("exit 1,", "a.py:2: '# snippet: ' means nothing"),
        ("terminal 1000x30", "a.py:2: '# snippet: terminal 1000x30' means nothing"),
        ("port 80", "a.py:2: 'port 80' is no port; from 1024 to 65535"),
        ("needs dusk", "a.py:2: no cluster 'dusk'; there are: dask, ray"),
        ("terminal 10x30", "a.py:2: 'terminal 10x30' is out of bounds; 20x5 to 200x100"),
    ],
)
def test_a_declaration_that_means_nothing_is_an_error(
    tmp_path: Path, words: str, message: str
) -> None:
    (tmp_path / "a.py").write_text(f"# words\n# snippet: {words}\n")
    with pytest.raises(DeclarationError) as error:
        _ = Snippet("a.py", tmp_path).declared
    assert str(error.value).startswith(message)
