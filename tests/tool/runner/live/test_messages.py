"""The page and the runner have the same types of messages."""

from runner.live.messages import typescript
from runner.snippets.catalog import ROOT


def test_the_page_s_types_are_the_runner_s() -> None:
    types = (ROOT / "engine" / "page" / "run" / "messages.d.ts").read_text(encoding="utf-8")
    remedy = "write them again: python -m runner.live.messages > engine/page/run/messages.d.ts"
    assert types == typescript(), remedy
