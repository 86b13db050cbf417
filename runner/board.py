"""What a presentation tells on its terminal."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar, Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from runner.clusters.kinds import Status


class Board:
    """Deck and clusters on the terminal: a table while something starts, then a line per change.

    A terminal that has been closed is no reason to fail.
    """

    STYLES: ClassVar = {"starting": "yellow", "ready": "green", "down": "red"}

    def __init__(self) -> None:
        # What is told is not ours: a fault quotes the deck, and Ray writes in brackets.
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._statuses: dict[str, Status] = {}
        self._live = Live(console=self._console, refresh_per_second=5)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._live.stop()

    def note(self, text: str) -> None:
        """Says something that stays on the terminal."""
        with suppress(OSError):
            self._console.print(text, soft_wrap=True)

    def show(self, name: str, status: Status) -> None:
        """Shows how one thing is, also if it was so before: each save of the deck is answered."""
        self._statuses[name] = status
        if not self._live.is_started:
            with suppress(OSError):
                line = f"{name} {status.state}: {status.detail}"
                style = self.STYLES[status.state]
                self._console.print(line, style=style, soft_wrap=True)
            return
        self._live.update(self._table(), refresh=True)
        if all(status.state != "starting" for status in self._statuses.values()):
            # What is typed later, were it only Enter, would tear the table.
            self._live.stop()

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for name, status in self._statuses.items():
            mark = Spinner("dots") if status.state == "starting" else Text("●")
            style = self.STYLES[status.state]
            table.add_row(mark, name, status.state, status.detail, style=style)
        return table
