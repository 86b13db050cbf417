"""Whatever is asked of the deck's server, it answers, and goes on; nothing is on the terminal."""

import http.client
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.web.server import Deck
from tests.helpers.fuzz import attempt, lengths
from tests.tool.runner.web.test_server import ask, hear, last, login, page

# The server, in a thread of its own, uses it meanwhile.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)

TYPES = ["run", "stop", "answer", "stage", "invite", "start", "go", "reload", ""]
FIELDS = [
    *("type", "snippet", "restart", "edits", "line", "slide", "step"),
    *("blank", "talk", "ticking", "turned", "cluster"),
]
LONG = "a" * 300  # no file may have such a name
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 10**30),
        st.floats(),
        st.sampled_from(
            [*TYPES, "black", "nothing.py", "../x.py", "plain", "\ud800", "\x00", LONG]
        ),
        st.text(max_size=10),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)
MESSAGES = st.one_of(
    st.builds(
        lambda type, rest: json.dumps({"type": type, **rest}),
        st.sampled_from(TYPES),
        st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
    ),
    st.builds(
        lambda slide, step, blank: json.dumps(
            {"type": "stage", "slide": slide, "step": step, "blank": blank, "talk": 1}
            | {"ticking": True, "turned": True}
        ),
        st.integers(1, 10**300),
        st.integers(0, 10**300),
        st.sampled_from(["", "black", "white"]),
    ),
    VALUES.map(json.dumps),
    st.text(max_size=30).filter(lambda text: text.isprintable()),
    st.binary(max_size=30),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a built deck and nothing that runs."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text("<html><body>The slides</body></html>")
    (folder / "snippets" / "plain").mkdir(parents=True)
    return folder


@pytest.fixture
def silent(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The server says nothing on the terminal meanwhile."""
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(caplog.handler)
    yield
    logger.removeHandler(caplog.handler)
    assert not caplog.records


@pytest.mark.parametrize("examples", lengths(40, 2000))
def test_any_message_is_answered_and_the_next_is_heard(
    examples: int, deck: Deck, silent: None
) -> None:
    cookie = login(deck, deck.link())
    with page(deck, cookie) as socket:

        @given(MESSAGES)
        def holds(message: str | bytes) -> None:
            socket.send(message)
            ask(socket, "run", "the-last-one.py")
            assert last(hear(socket, snippet="the-last-one.py"))["reason"] == "unknown"

        attempt(holds, examples)


PATHS = st.one_of(
    st.sampled_from(["/", "/ws", "/deck.pdf", "/?token=", "/?token=%ff", "//", "/%00", "/../x"]),
    st.sampled_from(["/%2e", "/%2e%2e", f"/{LONG}"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map("/{}".format),
)
HEADERS = st.dictionaries(
    st.sampled_from(["Cookie", "Origin", "Range", "If-Modified-Since", "Upgrade", "Accept"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")),
    max_size=3,
)


@pytest.mark.parametrize("examples", lengths(40, 2000))
def test_any_request_is_answered(examples: int, deck: Deck, silent: None) -> None:
    cookie = login(deck, deck.link())
    port = deck.access.port

    @given(st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "X"]), PATHS, HEADERS, st.booleans())
    def holds(method: str, path: str, headers: dict[str, str], known: bool) -> None:
        ours = {"Host": f"127.0.0.1:{port}"} | ({"Cookie": cookie} if known else {})
        connection = http.client.HTTPConnection("127.0.0.1", port, 60)
        connection.putrequest(method, path, skip_host=True)
        for name, value in (ours | headers if not known else headers | ours).items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status < 500, (method, path, headers)

    attempt(holds, examples)
