"""Cards, promises and banned words in a live call, with the bundled packs and cards."""

from __future__ import annotations

from datetime import timedelta

from callcenter.core import events
from callcenter.core.events import CardOffered, HitFound, PromiseDecided, PromiseHeard
from callcenter.core.records import Party, Promise, Segment
from tests.desk.test_session import Call
from tests.fakes import NOON


def says(call: Call, party: Party, start_ms: int, text: str) -> None:
    said = Segment(party, start_ms, start_ms + 200 * len(text), text)
    call.recogniser.ears[party].tell(said)


def cards(call: Call) -> list[str]:
    return [event.card.title for event in call.told if isinstance(event, CardOffered)]


async def ended(call: Call) -> events.CallEnded:
    call.line.on_hang_up()
    await call.session.closed.wait()
    last = call.told[-1]
    assert isinstance(last, events.CallEnded)
    return last


async def test_d2_d11_a_complaint_then_anger_bring_their_cards() -> None:
    call = Call().answered()
    says(call, Party.CALLER, 1000, "我要投诉你们")
    assert cards(call) == ["复述确认"]
    says(call, Party.CALLER, 20_000, "你们这是什么破公司")
    assert cards(call) == ["复述确认", "何时提问"]
    live = call.session.snapshot()
    assert live.card is not None
    assert live.card.because.startswith("客户发火：“")
    assert (await ended(call)).disposition == "complaint"


async def test_h2_the_ladder_speaks_the_words_of_the_card() -> None:
    call = Call().answered()
    says(call, Party.CALLER, 1000, "你声音真好听")
    offered = call.last(events.SteerBackOffered)
    assert isinstance(offered, events.SteerBackOffered)
    assert offered.say == "您好，这里是客户服务热线。请问您今天要咨询或办理什么业务？"
    live = call.session.snapshot()
    assert live.steer_back is not None
    assert live.steer_back.say == offered.say
    assert live.card is None
    assert cards(call) == []


async def test_h10_a_proposal_takes_the_card_away() -> None:
    call = Call().answered()
    says(call, Party.CALLER, 1000, "我要投诉你们")
    says(call, Party.CALLER, 30_000, "你给我滚蛋，你他妈的听不懂人话吗")
    assert call.session.snapshot().proposal is not None
    assert call.session.snapshot().card is None
    assert cards(call) == ["复述确认"]


async def test_d6_d7_an_agents_banned_words_decide_nothing() -> None:
    call = Call().answered()
    says(call, Party.AGENT, 1000, "这事不归我管，你听不懂吗")
    found = [event.hit for event in call.told if isinstance(event, HitFound)]
    assert {(hit.category, hit.party) for hit in found} == {("banned", Party.AGENT)}
    assert call.session.snapshot().proposal is None
    assert cards(call) == []
    assert (await ended(call)).disposition == "ordinary"


async def test_w12_a_promise_stands_in_the_call_with_what_became_of_it() -> None:
    call = Call().answered()
    due, later = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
    promise = Promise("c1-9-1", "call_back", due, "一小时后给您回电", 9, 900)
    for _ in range(2):
        call.session.promised(PromiseHeard("c1", NOON, promise))
    assert call.session.snapshot().promises == (promise,)
    call.session.promised(PromiseDecided("c1", NOON, "c1-9-1", True, "1001", later))
    [kept] = call.session.snapshot().promises
    assert (kept.status, kept.due_at) == ("accepted", later)


async def test_a_call_without_its_agent_gets_no_cards() -> None:
    call = Call().answered()
    call.session.terminate("analysis", "1001")
    says(call, Party.CALLER, 1000, "我要投诉你们")
    assert cards(call) == []
