"""Where the talk is."""

from __future__ import annotations

import time

from runner.live.channel import Channel
from runner.live.messages import GoRequest, StageMessage, StageRequest


class Stage:
    """Where the talk is, as the speaker's pages tell it; guests are told, and a phone may steer."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._told: StageMessage | None = None
        self._at = 0.0  # it was

    @property
    def now(self) -> StageMessage | None:
        """As a guest is told who comes now; nothing until a page has told."""
        told = self._told
        if not told or not told["ticking"]:
            return told
        since = round((time.monotonic() - self._at) * 1000)
        return {**told, "talk": (told["talk"] or 0) + since}

    def tell(self, request: StageRequest) -> None:
        """It is there; a page that has only connected tells no news."""
        if self._told and not request.turned:
            return
        told: StageMessage = {
            "type": "stage",
            "slide": request.slide,
            "step": request.step,
            "blank": request.blank,
            "talk": request.talk,
            "ticking": request.ticking,
        }
        self._at = time.monotonic()
        if told != self._told:
            self._told = told
            self._channel.publish(told)

    def steer(self, request: GoRequest) -> None:
        """Ask the speaker's pages to be there; they turn, and tell."""
        self._channel.publish(
            {
                "type": "go",
                "slide": request.slide,
                "step": request.step,
                "blank": request.blank,
            }
        )
