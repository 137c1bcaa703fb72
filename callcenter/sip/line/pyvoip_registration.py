"""Registering by pyVoIP, which waits for each answer: in a thread of its own. Touches asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from callcenter.sip.line.pyvoip_phone import Phone, readable
from callcenter.sip.signal.hops import Hop
from callcenter.sip.signal.layer import Layer
from callcenter.sip.signal.locate import UNAVAILABLE
from callcenter.sip.signal.matching import no_answer
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.registration import MOST_ATTEMPTS, Registrar, Registration

_WAKE = b"wake up"
"""No answer at all: who waits for one gives up."""


class PyVoipRegistration(Registration):
    """A Registration whose requests are pyVoIP's; `pump` sends what the layer has to send."""

    def __init__(
        self,
        layer: Layer,
        registrar: Registrar,
        ways: Sequence[Hop],
        phone: Phone,
        pump: Callable[[], None],
    ) -> None:
        super().__init__(layer, registrar, ways)
        self._phone = phone
        self._pump = pump
        self._loop = asyncio.get_running_loop()
        self._worker = ThreadPoolExecutor(1, "pyvoip-register")
        self._job: asyncio.Future[bool] | None = None
        self._asked: Request | None = None
        self._answer: Response | None = None

    def say(self, data: bytes) -> None:
        """Send pyVoIP's REGISTER; called from its thread."""
        self._loop.call_soon_threadsafe(self._carry, data)

    def close(self) -> None:
        """End the thread, which waits for nothing but answers."""
        self._job = None
        self._phone.door.deliver(_WAKE)
        self._worker.shutdown()

    def _send_first(self, now: float) -> None:
        self._begin(self._phone.client.enrol)

    def _send_leave(self, now: float) -> None:
        self._phone.door.deliver(_WAKE)
        self._begin(self._phone.client.leave)

    def _begin(self, do: Callable[[], bool]) -> None:
        # pyVoIP meets challenges itself: its refusal is final.
        self._attempts = MOST_ATTEMPTS
        self._job = self._loop.run_in_executor(self._worker, do)
        self._job.add_done_callback(self._done)

    def _can_go_elsewhere(self, response: Response) -> bool:
        """pyVoIP is done with this request; the next one, after a rest, goes elsewhere."""
        if response.status in UNAVAILABLE:
            self._ways.rotate(-1)
        return False

    def _carry(self, data: bytes) -> None:
        request = parse(data)
        assert isinstance(request, Request)
        # pyVoIP asks for one URI and signs another: a registrar that compares them refuses it.
        # Its Contact always says UDP.
        asked = replace(request, uri=f"{request.uri};transport=UDP")
        self._asked = asked.with_header("Contact", self._layer.settings.contact)
        self._answer = None
        self._layer.request(self._asked, self.address, self._heard, self._loop.time())
        self._pump()

    def _heard(self, response: Response, now: float) -> None:
        self._answer = response
        self._phone.door.deliver(readable(response))

    def _done(self, job: asyncio.Future[bool]) -> None:
        """The thread is through with it; of what it asked before we stopped nobody cares."""
        if job is not self._job or job.cancelled() or self._asked is None:
            return
        answer = self._answer
        granted = answer is not None and answer.status < 300
        if answer is None or granted != job.result():
            answer = no_answer(self._asked)
        self._cseq = answer.cseq.number
        self._answered(answer, self._loop.time())
        self._pump()
