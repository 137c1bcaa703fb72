"""How a standing call is held and transferred: from the call's words to the user agent's. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from callcenter.core.errors import NotNow
from callcenter.core.ports import LineCall
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.user_agent import UserAgent

_NUMBER = re.compile(r"(?:tel:)?(\+?[0-9*#]{1,32})")

Run = Callable[[Callable[[UserAgent, float], None]], None]
"""Does something with the user agent, at a time, and sends what follows."""


def target_uri(to: str, registrar: Registrar | None) -> Uri:
    """Whom to call: a SIP URI, or a number that our registrar's house knows.

    Raises BadHeader (no URI), NotNow (a number, and no registrar to ask).
    """
    number = _NUMBER.fullmatch(to.strip())
    if number is None:
        return Uri.parse(to)
    if registrar is None:
        raise NotNow(f"to dial a number the line needs a registrar; expected sip:{to}@HOST")
    port = registrar.port if registrar.port not in (0, 5060) else None
    return Uri("sip", quote(number[1], safe="+*"), registrar.host, port)


@dataclass(frozen=True)
class LineChanges:
    """The Changes of one call; `id_of` names another call of its line, or raises NoSuchCall."""

    call_id: str
    registrar: Registrar | None
    run: Run
    id_of: Callable[[LineCall], str]

    def hold(self, on: bool) -> None:
        """Ask the far end to wait, or to go on. Raises NoSuchCall, NotNow."""
        self.run(lambda agent, now: agent.hold(self.call_id, on, now))

    def transfer(self, to: str) -> None:
        """Send the far end to a number or URI. Raises NoSuchCall, NotNow, BadHeader."""
        target = target_uri(to, self.registrar)
        self.run(lambda agent, now: agent.transfer(self.call_id, target, now))

    def transfer_to(self, other: LineCall) -> None:
        """Join the far end to that of another call. Raises NoSuchCall, NotNow."""
        other_id = self.id_of(other)
        self.run(lambda agent, now: agent.transfer_to(self.call_id, other_id, now))
