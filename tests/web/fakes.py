"""A desk that does what it is told, over the real books and the real bus, and calls to show."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from callcenter.bus.local import LocalBus
from callcenter.casework import promises
from callcenter.casework.customers import merging as customer_merging
from callcenter.casework.harassment import blocks
from callcenter.casework.orders import calls as work_orders
from callcenter.casework.staff import recovery, shifts
from callcenter.core import events as ev
from callcenter.core import marks, presence
from callcenter.core.call import Input, State, step
from callcenter.core.cards import Card, CardOffer, Situation
from callcenter.core.errors import MissingPiece, NoSuchCall, NotNow
from callcenter.core.lead import LeadCall
from callcenter.core.pauses import Pause
from callcenter.core.promises import after
from callcenter.core.records import (
    Agent,
    Hit,
    Joined,
    LineState,
    LiveCall,
    Party,
    Proposal,
    RecordingInfo,
    RecoveryBreak,
    Segment,
    Transfer,
    Word,
)
from callcenter.desk.agents import Roster
from callcenter.store import transcripts
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.web.pages.words import CATEGORIES

HERE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 22, 2, 40, tzinfo=UTC)
AGENTS = (Agent("6018", "林晓雯"), Agent("6007", "周涛"))

CARD = Card(
    "ask_when",
    "何时提问",
    (Situation.ANGER,),
    ("您最早是什么时候发现这个问题的？", "那之后，我们是哪一天跟您联系的？"),
    "D11",
    120,
    "不接指责，先问时间。",
)

CONFIRM = {"line_fault": Input.CONFIRM_LINE_FAULT, "analysis": Input.CONFIRM_ANALYSIS}


def group(category: str) -> str:
    """What a category counts as; as a pack would say."""
    return CATEGORIES[category][0]


class FakeDesk:
    """core.ports.Desk without sound: keeps live calls, remembers commands, writes and publishes."""

    def __init__(self, store: Store, bus: LocalBus) -> None:
        rules = (
            blocks.consequence(group, 3),
            recovery.consequence,
            promises.consequence(HERE),
            customer_merging.consequence(),
            shifts.exchanged,
        )
        self.books = SqlBooks(store, [work_orders.consequence(group, UTC), *rules])
        self.bus = bus
        self.commands: list[tuple[str, ...]] = []
        self.calls: dict[str, LiveCall] = {}
        self.headset = True
        self.roster = Roster(())
        self.said: tuple[str, ...] = ()
        self.at = START
        self.standing = {a.number: presence.Presence(a.number, START) for a in AGENTS}

    def tell(self, event: ev.Event) -> None:
        """Write an event down and publish it with what follows from it."""
        followed = () if isinstance(event, ev.PartialHeard) else self.books.write(event)
        for each in (event, *followed):
            self._show(each)
            self.bus.publish(each)

    def _show(self, event: ev.Event) -> None:
        match event:
            case ev.RecoveryBreakOffered():
                self.roster.offer_break(event.agent, event.call_id)
            case ev.RecoveryBreakTaken():
                self.roster.take_break(event.agent, event.call_id, event.at)
            case ev.RecoveryBreakEnded():
                self.roster.end_break(event.agent)
            case ev.PromiseHeard() | ev.PromiseDecided() if event.call_id in self.calls:
                heard = after(self.calls[event.call_id].promises, event)
                self._change(event.call_id, promises=heard)
        if isinstance(event, ev.WorkOrderLinked) and event.call_id in self.calls:
            self._change(event.call_id, work_order=event.number)

    def _change(self, call_id: str, **changes: object) -> LiveCall:
        self.calls[call_id] = replace(self.calls[call_id], **changes)  # type: ignore[arg-type]
        return self.calls[call_id]

    def ring(self, call_id: str, number: str = "13800006127", line: str = "demo") -> None:
        """A call comes in."""
        at = datetime.now(UTC)
        self.calls[call_id] = LiveCall(call_id, "ringing", number, "4008200001", at, line=line)
        self.tell(ev.CallRang(call_id, at, number, "4008200001", line))

    def hear(self, call_id: str, segment: Segment, *hits: Hit) -> None:
        """Someone says something; where it is not final it is only shown."""
        call, at = self.calls[call_id], datetime.now(UTC)
        if not segment.final:
            self._change(call_id, partials=(segment,))
            self.tell(ev.PartialHeard(call_id, at, segment))
            return
        segments, found = (*call.segments, segment), (*call.hits, *hits)
        self._change(call_id, segments=segments, hits=found, partials=())
        self.tell(ev.SegmentHeard(call_id, at, segment))
        for hit in hits:
            self.tell(ev.HitFound(call_id, at, hit))

    def propose(self, call_id: str, reason: str, evidence: str) -> None:
        """The desk proposes to end the call."""
        self._change(call_id, proposal=Proposal(reason, "line_fault", evidence))
        fact = ev.TerminationProposed(call_id, datetime.now(UTC), reason, "line_fault", evidence)
        self.tell(fact)

    def offer(self, call_id: str, card: Card, because: str) -> None:
        """A card is put before the agent."""
        self._change(call_id, card=CardOffer(card, because), steer_back=None)
        self.tell(ev.CardOffered(call_id, datetime.now(UTC), card, because))

    def withdraw(self, call_id: str) -> None:
        """The reason for a proposal is gone."""
        self._change(call_id, proposal=None)
        self.tell(ev.ProposalWithdrawn(call_id, datetime.now(UTC)))

    def end(self, call_id: str, ended_by: str, disposition: str) -> None:
        """The call is over."""
        del self.calls[call_id]
        at = datetime.now(UTC)
        self.tell(ev.CallEnded(call_id, at, ended_by, "answered", disposition))

    def _step(self, call_id: str, what: Input) -> LiveCall:
        if call_id not in self.calls:
            raise NoSuchCall(f"no live call {call_id}")
        state, _ = step(State(self.calls[call_id].state), what)
        return self._change(call_id, state=state.value)

    async def answer(self, call_id: str, agent: str) -> None:
        if not self.headset:
            raise MissingPiece("PortAudio is missing; install it with: apt install libportaudio2")
        if call_id in self.calls and self.calls[call_id].state == "transferring":
            self.commands.append(("answer", call_id, agent))
            self.take(call_id)
            return
        self._step(call_id, Input.AGENT_ANSWERS)
        self.commands.append(("answer", call_id, agent))
        at = datetime.now(UTC)
        self._change(call_id, answered_at=at, agent=agent)
        self.tell(ev.CallAnswered(call_id, at, agent))

    async def hang_up(self, call_id: str, agent: str) -> None:
        self._step(call_id, Input.AGENT_HANGS_UP)
        self.commands.append(("hang_up", call_id, agent))
        self.end(call_id, "agent", "ordinary")

    async def terminate(self, call_id: str, prompt: str, agent: str) -> None:
        self._step(call_id, CONFIRM[prompt])
        self.commands.append(("terminate", call_id, prompt, agent))
        self._change(call_id, proposal=None)
        at = datetime.now(UTC)
        self.tell(ev.TerminationConfirmed(call_id, at, agent, prompt))
        self.tell(ev.PromptStarted(call_id, at, prompt, 6800))

    async def undo(self, call_id: str, agent: str) -> None:
        self._step(call_id, Input.UNDO)
        self.commands.append(("undo", call_id, agent))
        self.tell(ev.TerminationUndone(call_id, datetime.now(UTC), agent))

    async def dismiss(self, call_id: str, agent: str) -> None:
        self.commands.append(("dismiss", call_id, agent))
        self._change(call_id, proposal=None)
        self.tell(ev.ProposalDismissed(call_id, datetime.now(UTC), agent))

    async def mark(self, call_id: str, agent: str) -> None:
        self.commands.append(("mark", call_id, agent))
        if any(hit.category == marks.MARKED for hit in self.calls[call_id].hits):
            raise NotNow("it is marked already")
        at = datetime.now(UTC)
        since = round((at - (self.calls[call_id].answered_at or at)).total_seconds() * 1000)
        hit = marks.marked(agent, since)
        self._change(call_id, hits=(*self.calls[call_id].hits, hit))
        self.tell(ev.HarassmentMarked(call_id, at, agent))
        self.tell(ev.HitFound(call_id, at, hit))

    async def call_lead(self, call_id: str, agent: str, reason: str = "") -> None:
        self.commands.append(("call_lead", call_id, agent, reason))
        at = datetime.now(UTC)
        self._change(call_id, lead_called=LeadCall(agent, at, reason))
        self.tell(ev.LeadCalled(call_id, at, agent, reason))

    async def pause(self, call_id: str, agent: str, why: str) -> None:
        self.commands.append(("pause", call_id, agent, why))
        call = self.calls[call_id]
        at = datetime.now(UTC)
        self._change(call_id, paused=Pause(agent, why, at))
        since = round((at - (call.answered_at or at)).total_seconds() * 1000)
        self._paused_from = since
        self.tell(ev.PauseStarted(call_id, at, agent, why, since))

    async def unpause(self, call_id: str, agent: str) -> None:
        self.commands.append(("unpause", call_id, agent))
        call = self.calls[call_id]
        if call.paused is None:
            raise NotNow("the call is not paused")
        at = datetime.now(UTC)
        until = round((at - (call.answered_at or at)).total_seconds() * 1000)
        self._change(call_id, paused=None)
        self.tell(ev.PauseEnded(call_id, at, agent, self._paused_from, until))

    async def mute(self, call_id: str, muted: bool, agent: str) -> None:
        self.commands.append(("mute", call_id, muted, agent))
        self._change(call_id, muted=muted)
        self.tell(ev.MicrophoneMuted(call_id, datetime.now(UTC), agent, muted))

    async def dial(self, number: str, agent: str, line: str = "") -> str:
        call_id, at = f"out{len(self.commands)}", datetime.now(UTC)
        self.commands.append(("dial", number, agent, line))
        how = ("4008200001", number)
        self.calls[call_id] = LiveCall(
            call_id, "dialling", *how, at, agent=agent, direction="outbound"
        )
        self.tell(ev.CallRang(call_id, at, *how, "demo", "outbound", agent))
        return call_id

    def pick_up(self, call_id: str) -> None:
        """The callee of an outbound call answers."""
        at, call = datetime.now(UTC), self._step(call_id, Input.CALLEE_ANSWERS)
        self._change(call_id, answered_at=at)
        self.tell(ev.CallAnswered(call_id, at, call.agent))

    def refuse(self, call_id: str, why: str) -> None:
        """The callee of an outbound call does not take it."""
        del self.calls[call_id]
        self.tell(ev.CallEnded(call_id, datetime.now(UTC), "caller", why, ""))

    async def hold(self, call_id: str, agent: str) -> None:
        self._step(call_id, Input.HOLD)
        self.commands.append(("hold", call_id, agent))
        self.tell(ev.CallHeld(call_id, datetime.now(UTC), agent))

    async def resume(self, call_id: str, agent: str) -> None:
        transfer = self.calls[call_id].transfer
        self._step(call_id, Input.RESUME)
        self.commands.append(("resume", call_id, agent))
        if transfer is None:
            self.tell(ev.CallResumed(call_id, datetime.now(UTC), agent))
        else:
            self._change(call_id, transfer=None)
            self.tell(ev.TransferReturned(call_id, datetime.now(UTC), transfer.to, "taken_back"))

    async def press(self, call_id: str, digits: str, agent: str) -> None:
        if self.calls[call_id].state != "talking":
            raise NotNow("there is nobody to press keys for")
        self.commands.append(("press", call_id, digits, agent))
        self.tell(ev.DigitsSent(call_id, datetime.now(UTC), agent, digits))

    def press_back(self, call_id: str, digits: str) -> None:
        """The far end presses keys."""
        self._change(call_id, pressed=self.calls[call_id].pressed + digits)
        self.tell(ev.DigitsPressed(call_id, datetime.now(UTC), digits))

    async def transfer(
        self, call_id: str, to: str, agent: str, notes: str = "", attended: bool = False
    ) -> None:
        self._step(call_id, Input.TRANSFER)
        self.commands.append(("transfer", call_id, to, agent, notes, attended))
        self._start(call_id, Transfer(agent, to, notes, attended, False, datetime.now(UTC)))

    async def send_on(self, call_id: str, number: str, agent: str, notes: str = "") -> None:
        self._step(call_id, Input.SEND_ON)
        self.commands.append(("send_on", call_id, number, agent, notes))
        self._start(call_id, Transfer(agent, number, notes, False, True, datetime.now(UTC)))

    def _start(self, call_id: str, transfer: Transfer) -> None:
        self._change(call_id, transfer=transfer)
        what = (transfer.by, transfer.to, transfer.notes, transfer.attended, transfer.outside)
        self.tell(ev.TransferStarted(call_id, transfer.asked_at, *what))

    def take(self, call_id: str) -> None:
        """The target of a transfer picks up."""
        call, at = self.calls[call_id], datetime.now(UTC)
        assert call.transfer is not None
        if call.transfer.attended:
            self._step(call_id, Input.TARGET_CONSULTS)
            self.tell(ev.TransferConsulted(call_id, at, call.transfer.to))
        else:
            self._step(call_id, Input.TARGET_ANSWERS)
            self._change(call_id, agent=call.transfer.to)
            self.tell(ev.TransferDone(call_id, at, call.agent, call.transfer.to))

    async def hand_over(self, call_id: str, agent: str) -> None:
        call = self._step(call_id, Input.HAND_OVER)
        self.commands.append(("hand_over", call_id, agent))
        assert call.transfer is not None
        self._change(call_id, agent=call.transfer.to)
        self.tell(ev.TransferDone(call_id, datetime.now(UTC), call.agent, call.transfer.to))

    async def join(self, call_id: str, mode: str, agent: str) -> None:
        at = datetime.now(UTC)
        self.commands.append(("join", call_id, mode, agent))
        self._change(call_id, joined=(Joined(agent, mode, at),), lead_called=None)
        self.tell(ev.SupervisorJoined(call_id, at, agent, mode))

    async def take_over(self, call_id: str, agent: str) -> None:
        before = self._step(call_id, Input.TRANSFER)
        self._step(call_id, Input.TARGET_ANSWERS)
        self.commands.append(("take_over", call_id, agent))
        self._change(call_id, agent=agent)
        self.tell(ev.TransferDone(call_id, datetime.now(UTC), before.agent, agent))

    async def leave(self, call_id: str, agent: str) -> None:
        self.commands.append(("leave", call_id, agent))
        self._change(call_id, joined=())
        self.tell(ev.SupervisorLeft(call_id, datetime.now(UTC), agent))

    async def tick_box(self, call_id: str, what: str, agent: str) -> None:
        self.commands.append(("tick", call_id, what, agent))
        self._change(call_id, ticked=(*self.calls[call_id].ticked, what))
        self.tell(ev.Ticked(call_id, datetime.now(UTC), agent, what))

    def live(self) -> Sequence[LiveCall]:
        return tuple(self.calls.values())

    def agents(self) -> Sequence[Agent]:
        return AGENTS

    def breaks(self) -> Sequence[RecoveryBreak]:
        return self.roster.breaks()

    def lines(self) -> Sequence[LineState]:
        return (LineState("demo", "127.0.0.1:5060"),)

    def notices(self) -> Sequence[str]:
        return self.said

    async def set_state(self, agent: str, state: str, by: str, reason: str = "") -> None:
        if agent not in self.standing:
            raise NotNow(f"there is no agent {agent!r}")
        after = presence.step(self.standing[agent], presence.Cue(state), self.at, by, reason)
        self.standing[agent] = after
        self.tell(ev.AgentChanged("", self.at, agent, after.state.value, after.reason, by))

    def presence(self) -> Sequence[presence.Presence]:
        return tuple(self.standing.values())

    async def record(self, event: ev.Event) -> None:
        self.tell(event)


def said(party: Party, start_ms: int, text: str, *, final: bool = True) -> Segment:
    """A segment whose words are its characters, 200 ms each; punctuation is not heard."""
    spoken = [char for char in text if char not in "，。？！“”"]
    words = tuple(
        Word(char, start_ms + 200 * i, start_ms + 200 * (i + 1), 0.5 if char == "急" else 0.93)
        for i, char in enumerate(spoken)
    )
    return Segment(party, start_ms, start_ms + 200 * len(spoken), text, words, final)


def hit_in(segment: Segment, text: str, rule: str, category: str) -> Hit:
    """A hit on these words of a segment."""
    heard = "".join(word.word for word in segment.words)
    first = heard.index(text)
    words = segment.words[first : first + len(text)]
    return Hit(rule, category, segment.party, words[0].start_ms, words[-1].end_ms, text)


def harassment(desk: FakeDesk, call_id: str, at: datetime, recording: RecordingInfo | None) -> None:
    """A kept call: asked away twice, proposed, confirmed, prompt A played whole."""
    agent, caller = Party.AGENT, Party.CALLER
    first = said(caller, 3400, "急什么呀，先聊聊嘛。你一个人上夜班？穿的什么颜色的？")
    second = said(caller, 12600, "报修你行不行啊，加个微信，我上门去修修你。")
    answered = at + timedelta(seconds=4)
    confirmed = answered + timedelta(seconds=18)
    for event in (
        ev.CallRang(call_id, at, "13800006127", "4008200001", "demo"),
        ev.CallAnswered(call_id, answered, "6018"),
        ev.SegmentHeard(call_id, answered, said(agent, 400, "您好，这里是报修热线。")),
        ev.SegmentHeard(call_id, answered, first),
        ev.HitFound(call_id, answered, hit_in(first, "上夜班", "sexual-07", "sexual")),
        ev.SegmentHeard(call_id, answered, said(agent, 9000, "先生，请问您要报修哪件产品？")),
        ev.SegmentHeard(call_id, answered, second),
        ev.HitFound(call_id, answered, hit_in(second, "加个微信", "sexual-11", "sexual")),
        ev.TerminationProposed(call_id, confirmed, "sexual", "line_fault", "加个微信"),
        ev.TerminationConfirmed(call_id, confirmed, "6018", "line_fault"),
        ev.PromptStarted(call_id, confirmed, "line_fault", 6800),
        ev.PromptEnded(call_id, confirmed, "line_fault", 6800, 6800),
        ev.CallEnded(call_id, confirmed + timedelta(seconds=7), "system", "answered", "harassment"),
    ):
        desk.tell(event)
    if recording is not None:
        desk.tell(ev.RecordingClosed(call_id, confirmed, recording))


def complaint(desk: FakeDesk, call_id: str, at: datetime) -> None:
    """A kept call: a fridge that was repaired three times; no recording."""
    heard = said(Party.CALLER, 2000, "这冰箱半年修了三次，过两天又不制冷，我要退货。")
    for event in (
        ev.CallRang(call_id, at, "053587651882", "4008200001", "demo"),
        ev.CallAnswered(call_id, at + timedelta(seconds=3), "6007"),
        ev.SegmentHeard(call_id, at, heard),
        ev.HitFound(call_id, at, hit_in(heard, "又不制冷", "quality-02", "quality")),
        ev.HitFound(call_id, at, hit_in(heard, "我要退货", "refund-01", "refund")),
        ev.CallEnded(call_id, at + timedelta(minutes=2), "caller", "answered", "complaint"),
    ):
        desk.tell(event)


def enquiry(desk: FakeDesk, call_id: str, at: datetime, text: str = "请问几点下班？") -> None:
    """A kept call without a flag."""
    for event in (
        ev.CallRang(call_id, at, "01088880001", "4008200001", "demo"),
        ev.CallAnswered(call_id, at + timedelta(seconds=2), "6018"),
        ev.SegmentHeard(call_id, at, said(Party.CALLER, 1500, text)),
        ev.CallEnded(call_id, at + timedelta(seconds=40), "caller", "answered", "ordinary"),
    ):
        desk.tell(event)


def hear_again(store: Store, call_id: str, model: str, text: str) -> None:
    """A day later another model hears this in the recording, and a hit in its first two words."""
    heard = said(Party.CALLER, 3400, text)
    hit = hit_in(heard, text[:2], "heard-01", "sexual")
    with store.session(write=True) as session:
        made_at = START + timedelta(days=1)
        transcripts.keep(session, call_id, model, made_at, [heard], [hit])


def sound(folder: Path, name: str, seconds: int = 29) -> RecordingInfo:
    """A stereo WAV that can be played: a soft tone on each side."""
    rate, file = 8000, folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    frames = b"".join(
        struct.pack(
            "<hh",
            round(800 * math.sin(2 * math.pi * 440 * i / rate)),
            round(800 * math.sin(2 * math.pi * 330 * i / rate)),
        )
        for i in range(rate)
    )
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(frames * seconds)
    return RecordingInfo(name, float(seconds), "5f" * 32)
