"""Which card is offered when; the bundled cards are what is offered."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.cards import Card, CardOffer, Situation
from callcenter.core.records import Hit, Noticed, Party, Segment
from callcenter.desk.assist import BECAUSE, HOLD_MS, TABLE, Assist, Cue, Mood

SECOND = 1000


def card(situation: Situation, name: str = "", cool_down_s: int = 60) -> Card:
    return Card(name or situation, situation, (situation,), ("一。", "二。"), "D1", cool_down_s)


CARDS = [card(situation) for situation in Situation]


class Call:
    """A call whose clock is told in seconds."""

    def __init__(self, cards: list[Card] | None = None) -> None:
        self.held = False
        self.assist = Assist(CARDS if cards is None else cards, lambda: self.held)

    def hit(self, at: float, category: str, group: str = "complaint", severity: int = 2) -> str:
        at_ms = round(at * SECOND)
        words = {"anger": "什么破公司", "escalation": "叫你们经理来"}.get(category, "我要投诉")
        hit = Hit("r", category, Party.CALLER, at_ms - 900, at_ms, words, severity=severity)
        return name(self.assist.hit(hit, group))

    def says(self, party: Party, start: float, end: float, text: str, final: bool = True) -> str:
        said = Segment(party, round(start * SECOND), round(end * SECOND), text, final=final)
        return name(self.assist.heard(said))

    def quiet(self, at: float, seconds: int) -> str:
        end = round(at * SECOND)
        notice = Noticed("silence", Party.CALLER, end - seconds * SECOND, end, float(seconds))
        return name(self.assist.noticed(notice))

    def tick(self, at: float) -> str:
        """A second of speech without anything in it."""
        end = round(at * SECOND)
        return name(self.assist.noticed(Noticed("level", Party.CALLER, end - SECOND, end, -20.0)))


def name(offer: CardOffer | None) -> str:
    return offer.card.name if offer else ""


@pytest.fixture
def call() -> Call:
    return Call()


def test_d2_d3_a_complaint_brings_the_restatement(call: Call) -> None:
    assert call.hit(5, "quality") == "complaint"
    assert call.hit(40, "quality") == ""


def test_d10_d11_d12_anger_brings_another_technique_each_time(call: Call) -> None:
    assert call.hit(5, "anger") == "anger"
    assert call.hit(30, "anger") == "still_angry"
    assert call.assist.mood is Mood.HEATED


def test_two_hits_in_one_outburst_are_one(call: Call) -> None:
    assert call.hit(5, "anger") == "anger"
    assert call.hit(6, "anger") == ""
    assert call.assist.mood is Mood.ANGRY


def test_one_card_at_a_time_and_the_more_pressing_one_waits(call: Call) -> None:
    assert call.hit(5, "anger") == "anger"
    assert call.hit(10, "refund") == ""
    assert call.hit(11, "escalation") == ""
    assert call.hit(12, "repeated_contact") == ""
    assert call.tick(16.9) == ""
    assert call.tick(17.1) == "escalation"
    assert call.tick(40) == ""


def test_what_waited_too_long_is_forgotten(call: Call) -> None:
    call.hit(5, "anger")
    assert call.hit(6, "escalation") == ""
    assert call.tick(22) == ""


def test_a_card_is_not_offered_twice_within_its_cool_down() -> None:
    once = Call([card(Situation.ESCALATION, "up", 120)])
    assert once.hit(10, "escalation") == "up"
    assert once.hit(100, "escalation") == ""
    assert once.hit(131, "escalation") == "up"


def test_the_next_card_for_the_situation_stands_in_for_one_that_rests() -> None:
    both = Call([card(Situation.ESCALATION, "first", 600), card(Situation.ESCALATION, "second")])
    assert [both.hit(at, "escalation") for at in (10, 30, 50)] == ["first", "second", ""]


def test_d13_the_same_demand_again(call: Call) -> None:
    demand = "你们必须今天给我退货我不要修了"
    call.hit(2, "complaint")
    assert call.says(Party.CALLER, 20, 24, demand) == ""
    call.says(Party.AGENT, 25, 28, "我给您说一下现在有哪些办法")
    assert call.says(Party.CALLER, 30, 34, "我说了必须今天给我退货我不要修") == "not_listening"


def test_d13_a_calm_caller_may_say_the_same_twice(call: Call) -> None:
    for start in (5, 20, 40):
        assert call.says(Party.CALLER, start, start + 4, "我的订单号是九五二七四三一") == ""


def test_d14_a_long_talk_in_anger_is_waited_for(call: Call) -> None:
    call.hit(3, "anger")
    for start, text in ((5, "头一回修完没两天"), (14, "我请了假在家等"), (23, "打电话又没人")):
        assert call.says(Party.CALLER, start, start + 8, text) == ""
    assert call.says(Party.CALLER, 33, 40, "还有一件事我也得说说") == "outpouring"
    assert call.says(Party.CALLER, 60, 66, "再讲讲别的吧") == ""


def test_d2_a_long_talk_without_anger_is_restated(call: Call) -> None:
    assert call.says(Party.CALLER, 1, 15, "我先说一下经过") == ""
    assert call.says(Party.CALLER, 16, 33, "后来是这样的") == "long_talk"


def test_the_agent_speaking_ends_a_long_talk(call: Call) -> None:
    call.says(Party.CALLER, 1, 20, "我先说一下经过")
    call.says(Party.AGENT, 20, 22, "嗯您请说")
    assert call.says(Party.CALLER, 23, 40, "后来是这样的") == ""


def test_d4_talking_over_the_caller_twice_within_a_minute(call: Call) -> None:
    call.says(Party.CALLER, 1, 8, "我买的时候你们说的是")
    assert call.says(Party.AGENT, 5, 9, "您先听我说") == ""
    call.says(Party.AGENT, 21, 24, "不是这样的")
    assert call.says(Party.CALLER, 18, 26, "你让我把话说完行吗") == "interrupted"


def test_d4_a_caller_who_talks_over_the_agent_is_not_the_agents_fault(call: Call) -> None:
    for start in (1, 20, 40):
        call.says(Party.AGENT, start, start + 6, "我给您介绍一下")
        assert call.says(Party.CALLER, start + 2, start + 8, f"我不要听{start}") == ""


def test_d15_silence_after_hard_words_is_used(call: Call) -> None:
    call.hit(3, "anger")
    assert call.quiet(20, 4) == ""
    assert call.quiet(21, 5) == "pause"


def test_d15_a_caller_who_listens_is_no_silence(call: Call) -> None:
    call.hit(3, "anger")
    call.says(Party.AGENT, 14, 20.5, "我跟您说一下办法", final=False)
    assert call.quiet(21, 5) == ""


def test_d15_silence_in_a_calm_call_is_no_business_of_ours(call: Call) -> None:
    assert call.quiet(21, 5) == ""


def test_d16_d18_limits_are_set_once_then_somebody_else_takes_over(call: Call) -> None:
    call.hit(3, "anger")
    assert call.hit(20, "insult", "harassment") == "abuse"
    assert call.hit(40, "insult", "harassment") == "escalation"


def test_d17_e1_who_asks_for_a_superior_is_put_through(call: Call) -> None:
    assert call.hit(9, "escalation") == "escalation"


def test_d19_d20_a_claim_brings_choices(call: Call) -> None:
    assert call.hit(9, "refund") == "claim"


def test_d21_d22_who_has_called_before_need_not_start_again(call: Call) -> None:
    assert call.hit(9, "repeated_contact") == "repeated_contact"


def test_h10_grave_harassment_shows_no_card(call: Call) -> None:
    call.hit(3, "anger")
    assert call.hit(30, "insult", "harassment", severity=4) == ""
    assert call.assist.mood is Mood.ANGRY


def test_h10_while_a_proposal_stands_no_card_is_shown(call: Call) -> None:
    call.held = True
    assert call.hit(3, "anger") == ""
    call.held = False
    assert call.tick(4) == ""
    assert call.hit(20, "anger") == "still_angry"


def test_mild_harassment_in_a_calm_call_is_the_ladders(call: Call) -> None:
    assert call.hit(9, "prank", "harassment") == ""


def test_h2_the_steer_back_card_holds_the_place(call: Call) -> None:
    shown = call.assist.steered_back(5 * SECOND)
    assert shown is not None
    assert shown.name == "off_subject"
    assert call.hit(8, "anger") == ""
    assert call.tick(17.1) == "anger"


def test_h2_without_such_a_card_the_ladder_has_its_own_words() -> None:
    assert Call([]).assist.steered_back(0) is None


def test_a_caller_who_calms_down_is_no_longer_angry(call: Call) -> None:
    call.hit(5, "anger")
    assert call.hit(120, "anger") == "anger"


def test_the_agents_own_words_and_suggestions_cue_nothing(call: Call) -> None:
    own = Hit("r", "banned", Party.AGENT, 0, 900, "不知道")
    assert call.assist.hit(own, "agent") is None
    assert call.hit(5, "suggestion", "suggestion") == ""
    assert call.assist.mood is Mood.CALM


def test_why_now_is_told_in_words_as_heard_and_not_too_long() -> None:
    assist = Assist(CARDS)
    hit = Hit("r", "anger", Party.CALLER, 0, 900, "破" * 500)
    offer = assist.hit(hit, "complaint")
    assert offer is not None
    assert offer.because.startswith("客户发火：“破破")
    assert len(offer.because) < 60
    assert set(BECAUSE) == set(Situation)


def test_the_table_leads_to_every_situation_that_it_decides() -> None:
    reached = {situation for _, situation in TABLE.values() if situation}
    assert reached == set(Situation) - {Situation.OFF_SUBJECT}
    assert {cue for _, cue in TABLE} == set(Cue)


STEP = st.tuples(
    st.sampled_from(["anger", "insult", "refund", "escalation", "says", "agent", "quiet"]),
    st.integers(0, 30),
)


@given(st.lists(STEP, max_size=60))
def test_never_two_cards_within_the_time_of_one(steps: list[tuple[str, int]]) -> None:
    call, at, shown = Call(), 5.0, []
    for what, later in steps:
        at += later
        if what == "quiet":
            offered = call.quiet(at, 5)
        elif what in ("says", "agent"):
            party = Party.AGENT if what == "agent" else Party.CALLER
            offered = call.says(party, at - 3, at, "我要你们今天就给我一个说法")
        else:
            group = "harassment" if what == "insult" else "complaint"
            offered = call.hit(at, what, group)
        if offered:
            shown.append((at, offered))
    for (one, first), (other, second) in pairwise(shown):
        assert other - one >= HOLD_MS / SECOND
        assert first != second or other - one >= 60
