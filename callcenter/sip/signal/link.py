"""What the parts of one call share: its dialog, its sound, and how it asks and answers. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.digest import authorize
from callcenter.sip.signal.events import SipEvent
from callcenter.sip.signal.layer import Layer, ServerTransaction
from callcenter.sip.signal.message import Header, Message, Response
from callcenter.sip.signal.replies import OFFERED, reply
from callcenter.sip.signal.sdp import MediaSession, Stream
from callcenter.sip.signal.session_timer import SessionTimer

Heard = Callable[[Response, float], None]


def _nobody(link: Any) -> None:
    """Stands in until the call is in a book."""


class Link(ABC):
    """Our end of a call; `tag` is our own, `peer_allows` the methods that the other side takes.

    `key`, `wound` and `touched` are the call book's own (call_book.py).
    """

    def __init__(self, layer: Layer) -> None:
        self.id = layer.token()
        self.tag = ""
        self.key = ("", "")
        self.wound: float | None = None
        self.touched: Callable[[Any], object] = _nobody
        self.layer = layer
        self.dialog: Dialog | None = None
        self.media: MediaSession | None = None
        settings = layer.settings
        self.timer = SessionTimer(settings.session_seconds, settings.least_session_seconds)
        self.peer_allows: frozenset[str] = frozenset()

    @property
    def stream(self) -> Stream | None:
        """What was agreed on the sound, if anything yet."""
        return self.media.stream if self.media else None

    def note_allowed(self, message: Message) -> None:
        """Keep what a message says its sender takes (RFC 3261 §20.5)."""
        allowed = ",".join(message.every("Allow")).split(",")
        self.peer_allows = frozenset(m.strip() for m in allowed) - {""} or self.peer_allows

    def ask(
        self,
        method: str,
        heard: Heard,
        now: float,
        headers: tuple[Header, ...] = (),
        body: bytes = b"",
        dialog: Dialog | None = None,
    ) -> None:
        """Send a request within the dialog, or another one; a challenge is met once.

        `heard` gets each response to it, or to the second attempt.
        """
        dialog = dialog or self.dialog
        assert dialog is not None
        first = dialog.request(method, self.layer.new_via(), headers, body)

        def told(response: Response, now: float) -> None:
            self.touched(self)
            heard(response, now)

        def answered(response: Response, now: float) -> None:
            value = authorize(response, first, self.layer.settings.credentials, self.layer.token)
            if value is None:
                told(response, now)
                return
            again = dialog.request(method, self.layer.new_via(), (*headers, value), body)
            self.layer.request(again, dialog.next_hop(), told, now)

        self.layer.request(first, dialog.next_hop(), answered, now)

    def respond(
        self,
        transaction: ServerTransaction,
        status: int,
        now: float,
        headers: tuple[Header, ...] = (),
    ) -> None:
        """Answer a request within the dialog."""
        self.layer.respond(transaction, reply(transaction.request, status, headers=headers), now)

    def contact(self) -> tuple[Header, ...]:
        """Where we can be reached, and what we take: headers of a 2xx."""
        return (("Contact", self.layer.settings.contact), *OFFERED)

    def tell(self, event: SipEvent) -> None:
        """Give the owner an event."""
        self.layer.events.append(event)

    @abstractmethod
    def never_acknowledged(self, now: float) -> None:
        """No ACK came for a 2xx of ours."""

    @abstractmethod
    def end(self, why: str, now: float) -> None:
        """The call cannot go on: BYE, and tell why."""
