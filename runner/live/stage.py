"""Where the talk is."""

from __future__ import annotations

from runner.live.channel import Channel
from runner.live.messages import GoRequest, StageMessage, StageRequest


class Stage:
    """Where the talk is, as the speaker's pages tell it; guests are told, and a phone may steer."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.now: StageMessage | None = None

    def tell(self, request: StageRequest) -> None:
        """It is there; a page that has only connected tells no news."""
        if self.now and not request.turned:
            return
        where: StageMessage = {
            "type": "stage",
            "slide": request.slide,
            "step": request.step,
            "blank": request.blank,
        }
        if where != self.now:
            self.now = where
            self._channel.publish(where)

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
