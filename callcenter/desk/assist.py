"""When which card with words to say is put before the agent (D2–D4, D10–D22, E1). Pure.

Watches one talking call: what was hit, how long and how often the caller says it, who talks over
whom, silence. A table says what a cue means in a mood; of the cards for that, one is offered, one
at a time and no card twice within its cool-down. Grave harassment brings no card: the ladder's
proposal is shown instead, and while it stands nothing else is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.cards import Card, CardOffer, Situation
from callcenter.core.records import Hit, Noticed, Party, Segment
from callcenter.desk.policy import GRAVE

HOLD_MS = 12_000
"""A card stays so long before another one takes its place."""
WAITS_MS = 15_000
"""A card that came while another one was shown is forgotten after so long."""
COOLS_MS = 90_000
"""So long without hard words, and the caller has calmed down by a step."""
OUTBURST_MS = 4000
"""Hard words within so long are one outburst."""
LONG_TALK_MS = 30_000
"""The caller has talked so long, and the agent said nothing."""
OVER_MS = 1000
"""The agent talks over the caller from here on (抢话)."""
OVER_TIMES, OVER_WITHIN_MS = 2, 60_000
QUIET_S, AGENT_QUIET_MS = 5, 4000
"""So long neither of them says anything."""
ALIKE = 0.6
"""Share of character pairs that two sentences have in common where they say the same."""
LEAST_PAIRS = 6
REMEMBERED = 12


class Mood(StrEnum):
    """How heated the call is."""

    CALM = "calm"
    GRIEVANCE = "grievance"
    ANGRY = "angry"
    HEATED = "heated"
    LIMITED = "limited"
    """Limits were set."""


class Cue(StrEnum):
    """What happens in the call."""

    COMPLAINS = "complaint"
    CLAIMS = "refund"
    CALLED_BEFORE = "repeated contact"
    RAGES = "anger"
    WANTS_SUPERIOR = "escalation"
    GETS_PERSONAL = "mild harassment"
    SAYS_AGAIN = "the same again"
    TALKS_ON = "long talk"
    TALKED_OVER = "the agent talks over the caller"
    FALLS_SILENT = "silence"
    COOLS = "calms down"


_C, _M, _S = Cue, Mood, Situation
_HOT = (_M.ANGRY, _M.HEATED, _M.LIMITED)

TABLE: dict[tuple[Mood, Cue], tuple[Mood, Situation | None]] = {
    (_M.CALM, _C.COMPLAINS): (_M.GRIEVANCE, _S.COMPLAINT),
    (_M.CALM, _C.CLAIMS): (_M.GRIEVANCE, _S.CLAIM),
    (_M.GRIEVANCE, _C.CLAIMS): (_M.GRIEVANCE, _S.CLAIM),
    (_M.CALM, _C.CALLED_BEFORE): (_M.GRIEVANCE, _S.REPEATED_CONTACT),
    **{(mood, _C.CALLED_BEFORE): (mood, _S.REPEATED_CONTACT) for mood in (_M.GRIEVANCE, *_HOT)},
    # Anger: another technique each time it does not give way.
    (_M.CALM, _C.RAGES): (_M.ANGRY, _S.ANGER),
    (_M.GRIEVANCE, _C.RAGES): (_M.ANGRY, _S.ANGER),
    (_M.ANGRY, _C.RAGES): (_M.HEATED, _S.STILL_ANGRY),
    (_M.HEATED, _C.RAGES): (_M.HEATED, _S.STILL_ANGRY),
    # In vain: limits once, then somebody else.
    (_M.GRIEVANCE, _C.GETS_PERSONAL): (_M.LIMITED, _S.ABUSE),
    (_M.ANGRY, _C.GETS_PERSONAL): (_M.LIMITED, _S.ABUSE),
    (_M.HEATED, _C.GETS_PERSONAL): (_M.LIMITED, _S.ABUSE),
    (_M.LIMITED, _C.GETS_PERSONAL): (_M.LIMITED, _S.ESCALATION),
    (_M.LIMITED, _C.RAGES): (_M.LIMITED, _S.ESCALATION),
    (_M.CALM, _C.WANTS_SUPERIOR): (_M.GRIEVANCE, _S.ESCALATION),
    **{(mood, _C.WANTS_SUPERIOR): (mood, _S.ESCALATION) for mood in (_M.GRIEVANCE, *_HOT)},
    **{(mood, _C.SAYS_AGAIN): (mood, _S.NOT_LISTENING) for mood in (_M.GRIEVANCE, *_HOT)},
    (_M.CALM, _C.TALKS_ON): (_M.CALM, _S.LONG_TALK),
    (_M.GRIEVANCE, _C.TALKS_ON): (_M.GRIEVANCE, _S.LONG_TALK),
    **{(mood, _C.TALKS_ON): (mood, _S.OUTPOURING) for mood in _HOT},
    **{(mood, _C.TALKED_OVER): (mood, _S.INTERRUPTED) for mood in Mood},
    **{(mood, _C.FALLS_SILENT): (mood, _S.PAUSE) for mood in _HOT},
    (_M.ANGRY, _C.COOLS): (_M.GRIEVANCE, None),
    (_M.HEATED, _C.COOLS): (_M.ANGRY, None),
    (_M.LIMITED, _C.COOLS): (_M.ANGRY, None),
}
"""What a cue means in a mood; a pair that is not in it means nothing new."""

CATEGORIES = {
    "anger": Cue.RAGES,
    "escalation": Cue.WANTS_SUPERIOR,
    "repeated_contact": Cue.CALLED_BEFORE,
    "refund": Cue.CLAIMS,
}
"""What hits of these categories cue; any other complaint complains."""
_HARD = (Cue.RAGES, Cue.GETS_PERSONAL, Cue.WANTS_SUPERIOR)

BECAUSE = {
    Situation.COMPLAINT: "客户提出投诉：“{}”",
    Situation.LONG_TALK: "客户已经连续说了 {} 秒",
    Situation.CLAIM: "客户要求退换或赔偿：“{}”",
    Situation.REPEATED_CONTACT: "客户为同一件事来过多次：“{}”",
    Situation.PAUSE: "双方有 {} 秒没有说话",
    Situation.INTERRUPTED: "一分钟里您有 {} 次和客户同时说话",
    Situation.OUTPOURING: "客户在气头上，已经说了 {} 秒",
    Situation.ANGER: "客户发火：“{}”",
    Situation.STILL_ANGRY: "客户还在发火：“{}”",
    Situation.NOT_LISTENING: "客户又说了一遍：“{}”",
    Situation.ABUSE: "客户带着情绪说了冒犯的话：“{}”",
    Situation.ESCALATION: "客户要找上级，或劝说无效：“{}”",
    Situation.OFF_SUBJECT: "听到与业务无关的话：“{}”",
}
LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class _Wish:
    situation: Situation
    because: str
    at_ms: int


class Assist:
    """Watches one call. Every method gives the card to show now, None where there is none."""

    def __init__(self, cards: Sequence[Card], held: Callable[[], bool] = lambda: False) -> None:
        """`held` says that no card may be shown now: the ladder's proposal stands."""
        self._cards = cards
        self._held = held
        self._now = 0
        self.mood = Mood.CALM
        self._hard_ms = 0
        self._raged_ms: int | None = None
        self._shown_until = 0
        self._told: dict[str, int] = {}
        self._wish: _Wish | None = None
        self._talk = _Talk()

    def hit(self, hit: Hit, group: str) -> CardOffer | None:
        """A pattern was found. Only the caller's words count, and no grave harassment."""
        self._now = max(self._now, hit.end_ms)
        cue = _cue(hit, group) if hit.party is Party.CALLER else None
        return self._take(cue, _quote(hit.text)) if cue else self._due()

    def heard(self, segment: Segment) -> CardOffer | None:
        """Somebody says something, to its end or not yet."""
        self._now = max(self._now, segment.end_ms)
        for cue, amount in self._talk.heard(segment):
            offer = self._take(cue, amount)
            if offer is not None:
                return offer
        return self._due()

    def noticed(self, notice: Noticed) -> CardOffer | None:
        """Something about the sound; a second of the caller's silence is."""
        self._now = max(self._now, notice.end_ms)
        quiet = notice.kind == "silence" and int(notice.amount) == QUIET_S
        if quiet and self._now - self._talk.agent_ms >= AGENT_QUIET_MS:
            return self._take(Cue.FALLS_SILENT, str(QUIET_S))
        return self._due()

    def steered_back(self, at_ms: int) -> Card | None:
        """The ladder leads the caller back: the card for that, which no other one replaces now."""
        self._now = max(self._now, at_ms)
        self._shown_until, self._wish = self._now + HOLD_MS, None
        return next((card for card in self._cards if Situation.OFF_SUBJECT in card.when), None)

    def _take(self, cue: Cue, amount: str) -> CardOffer | None:
        if self._is_new(cue):
            self.mood, situation = TABLE.get((self.mood, cue), (self.mood, None))
            if situation is not None and self._presses(situation):
                self._wish = _Wish(situation, BECAUSE[situation].format(amount), self._now)
        return self._due()

    def _is_new(self, cue: Cue) -> bool:
        """False within the same outburst. Long after the last hard words the mood has cooled."""
        if self.mood in _HOT and self._now - self._hard_ms >= COOLS_MS:
            self.mood, _ = TABLE[self.mood, Cue.COOLS]
            self._hard_ms = self._now
        if cue in _HARD:
            self._hard_ms = self._now
        if cue is not Cue.RAGES:
            return True
        new = self._raged_ms is None or self._now - self._raged_ms >= OUTBURST_MS
        if new:
            self._raged_ms = self._now
        return new

    def _presses(self, situation: Situation) -> bool:
        """More than what waits already; the later situation is the more pressing."""
        order = list(Situation)
        wish = self._wish
        return wish is None or order.index(situation) >= order.index(wish.situation)

    def _due(self) -> CardOffer | None:
        """What waits, where it may be shown now."""
        wish = self._wish
        if wish is None or self._now < self._shown_until:
            return None
        self._wish = None
        if self._held() or self._now - wish.at_ms > WAITS_MS:
            return None
        card = next(filter(self._rested, self._for(wish.situation)), None)
        if card is None:
            return None
        self._told[card.name] = self._now
        self._shown_until = self._now + HOLD_MS
        return CardOffer(card, wish.because)

    def _for(self, situation: Situation) -> list[Card]:
        return [card for card in self._cards if situation in card.when]

    def _rested(self, card: Card) -> bool:
        last = self._told.get(card.name)
        return last is None or self._now - last >= card.cool_down_s * 1000


class _Talk:
    """Who says how much, over whom, and what again."""

    def __init__(self) -> None:
        self.agent_ms = 0
        """Where the agent's words end."""
        self._talked_ms = 0
        """How long the caller has spoken since the agent did."""
        self._long_told = False
        self._said: deque[frozenset[str]] = deque(maxlen=REMEMBERED)
        self._last: dict[Party, Segment] = {}
        self._over: deque[int] = deque(maxlen=OVER_TIMES)

    def heard(self, segment: Segment) -> list[tuple[Cue, str]]:
        """What a segment cues, with what there is to say of it."""
        if segment.party is Party.AGENT:
            self.agent_ms = max(self.agent_ms, segment.end_ms)
        if not segment.final:
            return []
        cues = self._talked_over(segment)
        if segment.party is Party.AGENT:
            self._talked_ms, self._long_told = 0, False
        else:
            cues += self._again(segment) + self._long(segment)
        return cues

    def _long(self, segment: Segment) -> list[tuple[Cue, str]]:
        self._talked_ms += segment.end_ms - segment.start_ms
        if self._long_told or self._talked_ms < LONG_TALK_MS:
            return []
        self._long_told = True
        return [(Cue.TALKS_ON, str(self._talked_ms // 1000))]

    def _again(self, segment: Segment) -> list[tuple[Cue, str]]:
        pairs = frozenset(map("".join, zip(segment.text, segment.text[1:], strict=False)))
        if len(pairs) < LEAST_PAIRS:
            return []
        same = any(len(pairs & old) >= ALIKE * min(len(pairs), len(old)) for old in self._said)
        self._said.append(pairs)
        return [(Cue.SAYS_AGAIN, _quote(segment.text))] if same else []

    def _talked_over(self, segment: Segment) -> list[tuple[Cue, str]]:
        """The agent began while the caller was speaking, again within a minute."""
        self._last[segment.party] = segment
        caller, agent = self._last.get(Party.CALLER), self._last.get(Party.AGENT)
        if caller is None or agent is None or agent.start_ms <= caller.start_ms:
            return []
        both = min(caller.end_ms, agent.end_ms) - agent.start_ms
        if both < OVER_MS or agent.start_ms in self._over:
            return []
        self._over.append(agent.start_ms)
        if len(self._over) < OVER_TIMES or agent.start_ms - self._over[0] > OVER_WITHIN_MS:
            return []
        return [(Cue.TALKED_OVER, str(OVER_TIMES))]


def _cue(hit: Hit, group: str) -> Cue | None:
    if group == "complaint":
        return CATEGORIES.get(hit.category, Cue.COMPLAINS)
    mild = group == "harassment" and hit.severity < GRAVE
    return Cue.GETS_PERSONAL if mild else None


def _quote(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
