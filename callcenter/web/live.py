"""The live stream (SSE): a snapshot of the desk, then every event of the bus; no store, no clock
but the event loop's.

Source of the format: WHATWG HTML, section 9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from callcenter.core import events
from callcenter.core.numerals import read_out
from callcenter.core.ports import Bus, Desk, Subscription
from callcenter.core.visitor import ANYBODY, Visitor
from callcenter.web.access.masking import masked
from callcenter.web.access.reach import Audience
from callcenter.web.api.models import Live

HEARTBEAT_SECONDS = 15.0
"""A comment goes out after this long without an event, so that dead connections are noticed."""

RETRY_MS = 1000
"""How long a browser waits before it connects again."""

NAMES: dict[type[events.Event], str] = {
    events.CallRang: "call",
    events.HistoryFound: "history",
    events.CallAnswered: "call",
    events.PartialHeard: "partial",
    events.SegmentHeard: "segment",
    events.GapLeft: "gap",
    events.SoundLost: "sound_lost",
    events.HitFound: "hit",
    events.SteerBackOffered: "steer_back",
    events.CardOffered: "card",
    events.PromiseHeard: "promise",
    events.PromiseDecided: "promise",
    events.TerminationProposed: "proposal",
    events.ProposalWithdrawn: "withdrawal",
    events.ProposalDismissed: "dismissal",
    events.MicrophoneMuted: "mute",
    events.Ticked: "tick",
    events.HarassmentMarked: "mark",
    events.LeadCalled: "lead",
    events.CallHeld: "hold",
    events.CallResumed: "hold",
    events.AgentAway: "away",
    events.DigitsSent: "digits",
    events.DigitsPressed: "digits",
    events.TransferStarted: "transfer",
    events.TransferConsulted: "transfer",
    events.TransferDone: "transfer",
    events.TransferReturned: "transfer",
    events.SupervisorJoined: "supervisor",
    events.SupervisorLeft: "supervisor",
    events.QualityMeasured: "quality",
    events.VoiceChanged: "voice",
    events.AgentChanged: "agent",
    events.SeatUnattended: "unattended",
    events.DialRefused: "dial_refused",
    events.TerminationConfirmed: "confirmation",
    events.TerminationUndone: "undo",
    events.PromptStarted: "prompt",
    events.PromptEnded: "prompt",
    events.CallEnded: "end",
    events.RecordingClosed: "recording",
    events.TranscriptCompleted: "transcript",
    events.WorkOrderLinked: "work_order",
    events.VerdictGiven: "verdict",
    events.BlockProposed: "block",
    events.BlockDecided: "block",
    events.BlockLifted: "block",
    events.RecoveryBreakOffered: "break",
    events.RecoveryBreakTaken: "break",
    events.RecoveryBreakEnded: "break",
    events.CaseOpened: "case",
    events.CaseActionTaken: "case",
    events.BillLineMatched: "bill_line",
    events.NumberRecovered: "number",
    events.EvidenceExported: "evidence",
    events.NumberHeard: "heard_number",
    events.Redacted: "redacted",
    events.PauseStarted: "pause",
    events.PauseReminded: "pause",
    events.PauseEnded: "pause",
    events.Accessed: "access",
    events.Cleared: "cleared",
    events.RecordStepped: "record",
}
"""What each event is called in the stream; README and API users rely on these."""


def message(name: str, data: dict[str, Any]) -> str:
    """One server-sent event; JSON keeps its data on one line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, default=str)}\n\n"


def event_message(event: events.Event, visitor: Visitor = ANYBODY, own: bool = False) -> str:
    """A bus event as a server-sent event, as this reader may see it; `own`: of a call of theirs."""
    data = events.as_dict(event)
    data.pop("changes", None)  # of a record: what it says is asked for, not told to everybody
    if isinstance(event, events.SegmentHeard):
        data["segment"]["numbers"] = read_out(event.segment.text)
    return message(NAMES.get(type(event), "event"), masked(data, visitor, own))


async def stream(
    desk: Desk,
    bus: Bus,
    now: Callable[[], datetime],
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    visitor: Visitor = ANYBODY,
) -> AsyncGenerator[str, None]:
    """A snapshot, then events, until the browser leaves or falls too far behind; of the calls, and
    with the numbers, that this visitor may know.

    The subscription is taken before the snapshot, so nothing is lost between them; an event may be
    told twice (in the snapshot and after it), and readers replace by party and time.
    """
    subscription = bus.subscribe()
    try:
        yield f"retry: {RETRY_MS}\n\n"
        snapshot = Live.at_desk(desk, now(), visitor).model_dump(mode="json")
        yield message("snapshot", masked(snapshot, visitor))
        audience = Audience(visitor, desk.live())
        async with aclosing(_told(subscription, heartbeat_seconds)) as told:
            async for event in told:
                if event is None:
                    yield ": still here\n\n"
                elif audience.hears(event):
                    yield event_message(event, visitor, audience.has(event))
    finally:
        subscription.close()


async def _told(
    subscription: Subscription, heartbeat_seconds: float
) -> AsyncGenerator[events.Event | None, None]:
    """The events; None where there was none for so long."""
    waiting: asyncio.Future[events.Event] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(subscription))
            done, _ = await asyncio.wait({waiting}, timeout=heartbeat_seconds)
            if not done:
                yield None
                continue
            event, waiting = waiting.result(), None
            if not _is_wish(event):
                yield event
    except StopAsyncIteration:
        return
    finally:
        if waiting is not None:
            waiting.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await waiting


def _is_wish(event: events.Event) -> bool:
    """A wish for a new work order is followed by the fact, which has its number."""
    return isinstance(event, events.WorkOrderLinked) and not event.number


class EventStream(Response):
    """Sends server-sent events until they end or the browser leaves, which is noticed at once."""

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncGenerator[str, None]) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._messages = messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write; stop when either side is done."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sides = {
            asyncio.ensure_future(self._write(send)),
            asyncio.ensure_future(_disconnected(receive)),
        }
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
            await self._messages.aclose()

    async def _write(self, send: Send) -> None:
        async for text in self._messages:
            body = text.encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
