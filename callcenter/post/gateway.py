"""Sends short messages through an HTTP gateway. Touches the network; called in a thread.

One POST a message: `{"to", "text", "id"}` as JSON with a bearer token; any 2xx has taken it.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from callcenter.core.errors import NotSent
from callcenter.core.messages import Letter

TIMEOUT_SECONDS = 20.0
_MOST_ANSWER = 4096


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where short messages are handed in: an http(s) URL, and the token it wants."""

    url: str
    token: str = field(default="", repr=False)


class SmsGateway:
    """core.office.Messenger over a gateway. The letter's number is the id: twice is once there."""

    def __init__(self, gateway: Gateway) -> None:
        """Raises ValueError for anything but http and https."""
        if not gateway.url.startswith(("http://", "https://")):
            raise ValueError("a gateway is reached by http or https")
        self._gateway = gateway

    def send(self, letter: Letter) -> str:
        """Hand the message in; what the gateway calls it, or "". Raises NotSent."""
        body = json.dumps({"to": letter.to, "text": letter.text, "id": letter.number})
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._gateway.token:
            headers["Authorization"] = f"Bearer {self._gateway.token}"
        asked = urllib.request.Request(  # noqa: S310  (the constructor saw to the scheme)
            self._gateway.url, body.encode(), headers, method="POST"
        )
        try:
            with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return _id_in(answer.read(_MOST_ANSWER))
        except urllib.error.HTTPError as error:
            error.close()
            raise NotSent(f"the message gateway answered {error.code}") from error
        except (OSError, ValueError) as error:
            told = getattr(error, "reason", None) or type(error).__name__
            raise NotSent(f"the message gateway cannot be reached: {told}") from error


def _id_in(answer: bytes) -> str:
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    return str(told.get("id", "")) if isinstance(told, dict) else ""
