"""What is heard in one call, and what is made of it: words, hits, cards, proposals → events.

Owns the call's ears and its listener; decides nothing, and never touches the sound that is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from callcenter.core import events
from callcenter.core.cards import CardOffer
from callcenter.core.numbers import is_withheld
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
from callcenter.desk.assist import Assist
from callcenter.desk.measures import Measures
from callcenter.desk.parts import Parts
from callcenter.desk.policy import SILENT, Watch, disposition

STRETCH = 25
"""Frames (500 ms) that are measured at a time: nothing that is noticed hurries more."""


class Hearing:
    """The ears of one call."""

    def __init__(self, call: LiveCall, parts: Parts) -> None:
        self.transcribed = True
        """False where sound was left that nobody has listened to."""
        self.in_doubt = call.direction == "inbound"
        """Nothing was heard yet of a caller who rang us: their silence is to be watched."""
        self.advising = False
        """Whether there is an agent whom advice can reach."""
        self._call_id = call.call_id
        self._rang_at = call.rang_at
        self._number = call.far_number
        self._parts = parts
        self._ears: tuple[Ear, ...] = ()
        """The caller's, and the agent's where there is one."""
        watch = self._watch = Watch(parts.silence_ms, parts.prompt_a_tries)
        self._measures = Measures()
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
            segments=self._segments,
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

    def open(self, parties: Sequence[Party]) -> None:
        """The call was answered: an ear for each of these, the caller first."""
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
        self._callers.append(caller)
        self._agents.append(by_agent)
        if len(self._callers) == STRETCH:
            self._measure()

    def watch_silence(self, caller: Frame) -> None:
        """Propose an end where the caller is not heard at all."""
        self._offer(self._watch.frame(caller))
        self.in_doubt = not self._watch.caller_is_there

    async def close(self) -> None:
        """Flush what was heard: last words, and what only the end decides."""
        self._measure()
        for ear in self._ears:
            await ear.close()
        self._ears = ()
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

    def _on_segment(self, segment: Segment) -> None:
        heard = events.SegmentHeard if segment.final else events.PartialHeard
        self._tell(heard(self._call_id, self._parts.now(), segment))
        self._remember(segment)
        if segment.party is Party.CALLER and self._watch.words_heard():
            self._proposal = None
            self._tell(events.ProposalWithdrawn(self._call_id, self._parts.now()))
        self._found(self._listener.heard(segment))
        self._offer(self._assist.heard(segment))

    def _remember(self, segment: Segment) -> None:
        others = tuple(s for s in self._partials if s.party is not segment.party)
        if segment.final:
            self._segments, self._partials = (*self._segments, segment), others
        else:
            self._partials = (*others, segment)

    def _on_gap(self, gap: Gap) -> None:
        self.transcribed = False
        self._tell(events.GapLeft(self._call_id, self._parts.now(), gap))

    def _found(self, hits: Sequence[Hit]) -> None:
        for hit in hits:
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
                self._steer_back, self._card = None, offer
                self._tell(events.CardOffered(self._call_id, at, shown, because))
            case Proposal(reason, prompt, evidence):
                self._steer_back, self._card, self._proposal = None, None, offer
                self._tell(events.TerminationProposed(self._call_id, at, reason, prompt, evidence))

    def _tell(self, event: events.Event) -> None:
        self._parts.tell(event)
