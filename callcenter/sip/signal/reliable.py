"""Provisional responses that are acknowledged: 100rel, PRACK (RFC 3262), in both roles. Pure."""

from __future__ import annotations

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.headers import parse_count
from callcenter.sip.signal.layer import Layer, ServerTransaction
from callcenter.sip.signal.message import Header, Message, Request, Response
from callcenter.sip.signal.repeated import Repeated

OPTION = "100rel"
_LIMIT = 2**32


def is_required(message: Message) -> bool:
    """True where a message insists on it; false, too, where its Require cannot be read."""
    try:
        return OPTION in (option.lower() for option in message.listed("Require"))
    except BadHeader:
        return False


class Ringing:
    """Our reliable 1xx to one INVITE, one at a time (§3)."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._number = int(layer.token()[-6:], 16)
        self._waiting: Repeated | None = None
        self._acknowledged: set[int] = set()

    @property
    def may_send(self) -> bool:
        """False while the last one waits for its PRACK."""
        return self._waiting is None

    def headers(self) -> tuple[Header, ...]:
        """For the next one."""
        self._number += 1
        return (("Require", OPTION), ("RSeq", str(self._number)))

    def sent(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Repeat it until its PRACK comes; the pauses double without limit."""
        forever = float("inf")
        self._waiting = Repeated(self._layer, transaction, response, self._number, forever, now)

    def take(self, prack: Request, invite: Request) -> int:
        """The status that answers a PRACK: 481 where it names none of ours."""
        waiting = self._waiting
        try:
            number = acknowledged(prack, invite)
        except BadHeader:
            return 400
        if waiting is None or number != waiting.number:
            return 200 if number in self._acknowledged else 481
        self._acknowledged.add(number)
        self._waiting = None
        return 200

    def stop(self) -> None:
        """A final response goes out: nothing is repeated any more, late PRACKs are taken."""
        if self._waiting is not None:
            self._acknowledged.add(self._waiting.number)
        self._waiting = None

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        return self._waiting.get_timer() if self._waiting else None

    def handle_timer(self, now: float) -> bool:
        """Repeat what waits; False where no PRACK will come any more."""
        return self._waiting is None or self._waiting.handle_timer(now)


def acknowledged(prack: Request, invite: Request) -> int:
    """The RSeq that a PRACK names; 0 where it is about another request. Raises BadHeader."""
    words = prack.required("RAck").split()
    if len(words) != 3:
        raise BadHeader("RAck needs two numbers and a method", " ".join(words))
    number, cseq = parse_count(words[0], _LIMIT), parse_count(words[1], _LIMIT)
    return number if (cseq, words[2]) == (invite.cseq.number, "INVITE") else 0


class Pracks:
    """What we acknowledged in each early dialog, by its tag (§4)."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def take(self, response: Response) -> tuple[Header, ...] | None:
        """Headers of the PRACK that a reliable 1xx wants; None where it came before, or too early.

        Raises BadHeader where it has no number.
        """
        number = parse_count(response.required("RSeq"), _LIMIT)
        last = self._last.get(response.to.tag)
        if last is not None and number != last + 1:
            return None
        self._last[response.to.tag] = number
        return (("RAck", f"{number} {response.cseq}"),)
