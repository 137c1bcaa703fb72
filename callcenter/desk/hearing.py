"""What is heard in one call, and what is made of it: words, hits, cards, proposals → events.

Owns the call's ears and its listener; decides nothing, and never touches the sound that is sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from callcenter.core import events
from callcenter.core.cards import CardOffer
from callcenter.core.marks import MARKED, marked
from callcenter.core.numbers import is_withheld
from callcenter.core.numbers_told import PHONE
from callcenter.core.ports import Ear, Listener
from callcenter.core.records import (
    FRAME_MS,
    CallerHistory,
    Frame,
    Gap,
    Hit,
    Known,
    LiveCall,
    Noticed,
    Party,
    Proposal,
    Segment,
    SteerBack,
)
from callcenter.core.redaction import Hidden, Redactor
from callcenter.desk.assist import Assist
from callcenter.desk.measures import Measures
from callcenter.desk.parts import Parts
from callcenter.desk.policy import SILENT, Watch, disposition

STRETCH = 25
"""Frames (500 ms) that are measured at a time: nothing that is noticed hurries more."""
STALE_MS = 10_000
"""What nobody has gone on saying for so long is not said any more."""


class Hearing:
    """The ears of one call."""

    def __init__(self, call: LiveCall, parts: Parts) -> None:
        self.transcribed = True
        """False where sound was left that nobody has listened to."""
        self.in_doubt = call.direction == "inbound"
        """Nothing was heard yet of a caller who rang us: their silence is to be watched."""
        self.advising = False
        """Whether there is an agent whom advice can reach."""
        self.paused = False
        """Nothing is measured meanwhile (安全暂停)."""
        self.redactor = Redactor(parts.redact)
        self._call_id = call.call_id
        self._rang_at = call.rang_at
        self._number = call.far_number
        self._parts = parts
        self._ears: tuple[Ear, ...] = ()
        """The caller's, and the agent's where there is one."""
        watch = self._watch = Watch(parts.silence_ms, parts.prompt_a_tries)
        self._measures = Measures()
        self._hide: Callable[[Hidden], None] = lambda hidden: None
        self._callers: list[Frame] = []
        self._agents: list[Frame] = []
        """What both said that is to be measured yet."""
        self._assist = Assist(parts.scripts.cards(), lambda: watch.proposal is not None)
        self._history: CallerHistory | None = None
        self._groups: set[str] = set()
        self._now_ms = 0
        self._terminated = False
        self._found_so_far: tuple[Hit, ...] = ()
        self._segments: tuple[Segment, ...] = ()
        self._partials: tuple[Segment, ...] = ()
        self._steer_back: SteerBack | None = None
        self._card: CardOffer | None = None
        self._proposal: Proposal | None = None
        self._ticked: tuple[str, ...] = ()

    def show(self, live: LiveCall) -> LiveCall:
        """The call with what was heard in it."""
        return replace(
            live,
            segments=(*self._segments, *map(self.redactor.shown, self.redactor.waiting)),
            partials=self._partials,
            hits=self._found_so_far,
            rung=self._watch.rung.value,
            steer_back=self._steer_back,
            card=self._card,
            proposal=self._proposal,
            ticked=self._ticked,
            lag_ms=max((ear.lag_ms for ear in self._ears), default=0),
        )

    # The call's course ---------------------------------------------------------------------

    def known(self, history: CallerHistory) -> None:
        """What is kept of the number; to be told before anybody speaks."""
        self._watch.known(history)
        self._history = history

    def open(
        self, parties: Sequence[Party], hide: Callable[[Hidden], None] = lambda hidden: None
    ) -> None:
        """The call was answered: an ear for each of these, the caller first; `hide` is the
        recording's."""
        self._hide = hide
        recogniser = self._parts.recogniser
        self.transcribed = recogniser.ready
        self._ears = tuple(
            recogniser.open(party, self._on_segment, self._on_gap) for party in parties
        )

    def hear(self, caller: Frame, by_agent: Frame) -> None:
        """20 ms: each ear hears its party; `by_agent` is what people on our side said."""
        self._now_ms += FRAME_MS
        ears = self._ears
        if ears:
            ears[0].hear(caller)
        if len(ears) > 1:
            ears[1].hear(by_agent)
        if self.paused:
            return
        self._callers.append(caller)
        self._agents.append(by_agent)
        if len(self._callers) == STRETCH:
            self._measure()

    def pause(self, on: bool) -> None:
        """Measure nothing, or go on; the ears are given silence meanwhile."""
        self._measure()
        self.paused = on
        if not on:
            self._measures.resumed(self._now_ms)

    def watch_silence(self, caller: Frame) -> None:
        """Propose an end where the caller is not heard at all; not while that is so on purpose."""
        if self.paused:
            return
        self._offer(self._watch.frame(caller))
        self.in_doubt = not self._watch.caller_is_there

    async def close(self) -> None:
        """Flush what was heard: last words, and what only the end decides."""
        self._measure()
        for ear in self._ears:
            await ear.close()
        self._ears = ()
        self._settle(math.inf)
        self._found(self._listener.closed(self._now_ms))

    def disposition(self) -> str:
        """What the call was (通话小结)."""
        return disposition(self._groups, self._watch.proposal, self._terminated)

    # What people say of it -----------------------------------------------------------------

    def tick_box(self, what: str, agent: str) -> None:
        """`agent` hears this behind the caller, one of TICKS; once a call (H7)."""
        if what in self._ticked:
            return
        self._ticked = (*self._ticked, what)
        self._tell(events.Ticked(self._call_id, self._parts.now(), agent, what))
        at_ms = self._now_ms
        self._found(self._listener.noticed(Noticed(what, Party.CALLER, at_ms, at_ms)))

    def mark(self, agent: str) -> bool:
        """`agent` says that it is harassment: once a call; False where it is marked already."""
        if any(hit.category == MARKED for hit in self._found_so_far):
            return False
        self._tell(events.HarassmentMarked(self._call_id, self._parts.now(), agent))
        self._found([marked(agent, self._now_ms)])
        return True

    def confirm(self, prompt: str) -> None:
        """A person confirmed the end of the call with this prompt."""
        self._terminated = True
        self._watch.confirm(prompt)

    def undo(self) -> None:
        """The person took it back."""
        self._terminated = False
        self._watch.undo()

    def dismiss(self) -> bool:
        """A person says that it is no harassment; False where nothing was proposed."""
        dismissed = self._watch.dismiss()
        if dismissed:
            self._proposal = None
        return dismissed

    # Inside --------------------------------------------------------------------------------

    @cached_property
    def _listener(self) -> Listener:
        """Made when it is first wanted: by then all is told that is known beforehand."""
        when = self._rang_at.astimezone().time()
        return self._parts.scripts.listener(Known(self._history, when, is_withheld(self._number)))

    def _measure(self) -> None:
        """What is to be noticed in the sound of both beside its words."""
        callers, self._callers = self._callers, []
        agents, self._agents = self._agents, []
        for notice in self._measures.hear(callers, agents):
            self._found(self._listener.noticed(notice))
            self._offer(self._assist.noticed(notice))
        self._settle(self._heard_to())

    def _on_segment(self, segment: Segment) -> None:
        """The rules see all that is said; what is told and kept has no numbers in it."""
        shown = self.redactor.shown(segment)
        self._partials = self._partials_without(segment)
        if segment.final:
            self.redactor.heard(segment)
            self._settle(self._heard_to())
        else:
            self._partials = (*self._partials, shown)
        if not segment.final or segment in self.redactor.waiting:
            self._tell(events.PartialHeard(self._call_id, self._parts.now(), shown))
        if segment.party is Party.CALLER and self._watch.words_heard():
            self._proposal = None
            self._tell(events.ProposalWithdrawn(self._call_id, self._parts.now()))
        self._found(self._listener.heard(segment))
        self._offer(self._assist.heard(segment))

    def _heard_to(self) -> float:
        """Up to when both were heard: what is still being said is not."""
        said = [one.start_ms for one in self._partials if one.end_ms > self._now_ms - STALE_MS]
        lag = max((ear.lag_ms for ear in self._ears), default=0)
        return min(self._now_ms - lag, *said, self._now_ms)

    def _settle(self, heard_to_ms: float) -> None:
        """What need not wait for the rest of a number any more is told and kept."""
        settled = self.redactor.settle(heard_to_ms)
        at = self._parts.now()
        for hidden in settled.hidden:
            self._hide(hidden)
            where = (hidden.party.value, hidden.start_ms, hidden.end_ms, hidden.kind)
            self._tell(events.Redacted(self._call_id, at, *where))
        for segment in settled.segments:
            self._tell(events.SegmentHeard(self._call_id, at, segment))
            self._segments = (*self._segments, segment)
        for number in settled.numbers:
            if number.kind == PHONE:
                told = (number.party.value, number.digits, number.start_ms)
                self._tell(events.NumberHeard(self._call_id, at, *told))

    def _partials_without(self, segment: Segment) -> tuple[Segment, ...]:
        """Those of the other party, and what was begun after this segment."""
        return tuple(
            one
            for one in self._partials
            if one.party is not segment.party or one.start_ms >= segment.end_ms
        )

    def _on_gap(self, gap: Gap) -> None:
        self.transcribed = False
        self._tell(events.GapLeft(self._call_id, self._parts.now(), gap))

    def _found(self, hits: Sequence[Hit]) -> None:
        for found in hits:
            hidden = self.redactor.in_text
            hit = replace(found, text=hidden(found.text), why=hidden(found.why))
            group = self._parts.scripts.group(hit.category)
            if hit.category != SILENT:
                self._groups.add(group)
            self._found_so_far = (*self._found_so_far, hit)
            self._tell(events.HitFound(self._call_id, self._parts.now(), hit))
            if self.advising:
                self._offer(self._watch.hit(hit, group))
                self._offer(self._assist.hit(hit, group))

    def _offer(self, offer: Proposal | SteerBack | CardOffer | None) -> None:
        """Put a card or a proposal before the agent."""
        if offer is None:
            return
        at = self._parts.now()
        match offer:
            case SteerBack(reason, say, evidence):
                card = self._assist.steered_back(self._now_ms)
                say = "".join(card.say) if card else say
                self._steer_back, self._card = replace(offer, say=say), None
                self._tell(events.SteerBackOffered(self._call_id, at, reason, say, evidence))
            case CardOffer(shown, because) if self.advising:
                because = self.redactor.in_text(because)
                self._steer_back, self._card = None, CardOffer(shown, because)
                self._tell(events.CardOffered(self._call_id, at, shown, because))
            case Proposal(reason, prompt, evidence):
                self._steer_back, self._card, self._proposal = None, None, offer
                self._tell(events.TerminationProposed(self._call_id, at, reason, prompt, evidence))

    def _tell(self, event: events.Event) -> None:
        self._parts.tell(event)
