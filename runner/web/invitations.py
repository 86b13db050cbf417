"""What the speaker's pages show to be scanned."""

from __future__ import annotations

import segno

from runner.live.channel import Channel
from runner.live.messages import Invitation, InvitationsMessage
from runner.web.access import GuestAccess


class Invitations:
    """The links that guests are offered, as codes on the speaker's pages."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._offered: dict[str, GuestAccess] = {}
        self._paired = False

    def offer(self, access: GuestAccess) -> None:
        """Show one more, from now on."""
        self._offered[access.name] = access
        access.used = self._used
        self.renew()

    def withdraw(self, access: GuestAccess) -> None:
        """Show one less."""
        del self._offered[access.name]
        self._publish()

    def renew(self) -> None:
        """Have new codes, and the address that this machine has now."""
        for access in self._offered.values():
            access.renew()
        self._publish()

    def messages(self) -> list[InvitationsMessage]:
        """What a page must be told when it comes: nothing where no guest is expected."""
        return [self._message()] if self._offered else []

    def _used(self) -> None:
        self._paired = True
        self._publish()

    def _publish(self) -> None:
        self._channel.publish(self._message())

    def _message(self) -> InvitationsMessage:
        return {
            "type": "invitations",
            "remote": self._invitation("remote"),
            "audience": self._invitation("audience"),
            "paired": self._paired,
        }

    def _invitation(self, name: str) -> Invitation | None:
        if name not in self._offered:
            return None
        link = self._offered[name].link()
        code = segno.make(link, error="m").svg_inline(border=3, omitsize=True, light="#fff")
        return {"link": link, "code": code}
