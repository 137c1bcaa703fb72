"""An agent's sound that breaks off: the caller waits, it comes back, or others take the call."""

from __future__ import annotations

import pytest

from callcenter.core import events
from callcenter.core.call import Input, State
from callcenter.core.errors import NotNow
from callcenter.core.records import Frame
from callcenter.desk import absence
from callcenter.desk.absence import GONE_FRAMES, NOTE, PATIENCE_FRAMES, what_follows
from callcenter.desk.tones import hold_tone
from tests.desk.test_session import VOICE, Call
from tests.desk.test_switchboard_voice import desk
from tests.fakes import FakeLeg

LONG = PATIENCE_FRAMES


@pytest.mark.parametrize(
    ("state", "frames", "follows"),
    [
        (State.TALKING, 0, None),
        (State.TALKING, GONE_FRAMES - 1, None),
        (State.TALKING, GONE_FRAMES, Input.AGENT_VANISHES),
        (State.AWAY, GONE_FRAMES, None),
        (State.AWAY, 0, Input.AGENT_RETURNS),
        (State.AWAY, LONG, Input.AGENT_STAYS_AWAY),
        (State.HELD, 0, None),
        (State.HELD, LONG - 1, None),
        (State.HELD, LONG, Input.AGENT_STAYS_AWAY),
        (State.OFFERED, LONG + 1, None),
        (State.OFFERED, 0, Input.AGENT_RETURNS),
        *((state, LONG, None) for state in (State.CONSULTING, State.ANALYSIS, State.TRANSFERRING)),
    ],
)
def test_what_follows(state: State, frames: int, follows: Input | None) -> None:
    assert what_follows(state, frames) is follows


class Page(FakeLeg):
    """A headset whose page can be closed and opened again."""

    there = True

    def receive(self, start: int) -> Frame:
        return super().receive(start) if self.there else Frame(start, lost=True)

    def send(self, frame: Frame) -> bool:
        return super().send(frame) and self.there


class AtPage(Call):
    """A call whose agent has their headset at a page."""

    def __init__(self) -> None:
        super().__init__(VOICE * 10_000)
        self.agent = self.page = Page(VOICE * 10_000)
        self.answered()
        self.tick()

    @property
    def state(self) -> str:
        return self.session.snapshot().state

    def away(self) -> list[tuple[str, str]]:
        return [(e.agent, e.state) for e in self.told if isinstance(e, events.AgentAway)]

    def offered(self) -> AtPage:
        self.page.there = False
        self.tick(LONG)
        return self


async def test_the_caller_hears_the_hold_tone_until_the_sound_is_back() -> None:
    call = AtPage()
    call.page.there = False
    call.tick(GONE_FRAMES)
    assert (call.state, call.away()) == ("away", [("1001", "away")])
    call.tick(3)
    assert b"".join(f.pcm for f in call.caller.heard[-3:]) == hold_tone()[: 3 * 320]
    call.page.there = True
    call.tick(2)
    assert call.state == "talking"
    assert call.caller.heard[-1].pcm == VOICE
    assert call.away() == [("1001", "away"), ("1001", "back")]
    assert len(call.recorder.opened[0].frames) == 1 + GONE_FRAMES + 5, "the recording goes on"


async def test_after_half_a_minute_somebody_else_takes_the_call() -> None:
    call = AtPage().offered()
    assert (call.state, call.away()[-1]) == ("offered", ("1001", "offered"))
    assert call.session.has("1001"), "who is away takes no other call"
    with pytest.raises(NotNow, match="offered to everybody"):
        call.session.hang_up("1002")
    other = FakeLeg(VOICE * 9)
    call.session.check_answer("1002")
    call.session.answer("1002", other)
    call.tick()
    live = call.session.snapshot()
    assert (live.state, live.agent) == ("talking", "1002")
    assert live.transfer is not None
    assert (live.transfer.by, live.transfer.notes) == ("1001", NOTE)
    assert call.last(events.TransferDone) == events.TransferDone(
        "c1", live.transfer.asked_at, "1001", "1002"
    )
    assert call.caller.heard[-1].pcm == VOICE
    assert call.page.closed
    assert not call.session.has("1001")


async def test_who_comes_back_before_anybody_takes_it_goes_on() -> None:
    call = AtPage().offered()
    call.page.there = True
    call.tick()
    assert (call.state, call.away()[-1]) == ("talking", ("1001", "back"))
    with pytest.raises(NotNow):
        call.session.check_answer("1002")


async def test_a_held_call_is_offered_too() -> None:
    call = AtPage()
    call.session.hold("1001")
    call.page.there = False
    call.tick(LONG - 1)
    assert call.state == "held"
    call.tick()
    assert call.state == "offered"


async def test_the_agent_can_end_the_call_from_another_page() -> None:
    call = AtPage().offered()
    call.session.hang_up("1001")
    assert call.state == "ended"


@pytest.mark.parametrize("listens", [True, False])
async def test_who_only_is_quiet_or_only_does_not_listen_is_there(listens: bool) -> None:
    call = AtPage()
    if listens:
        call.page.receive = lambda start: Frame(start, lost=True)  # type: ignore[method-assign]
    else:
        call.page.listens = False
    call.tick(GONE_FRAMES + 1)
    assert call.state == "talking"


async def test_a_muted_agent_whose_page_goes_is_noticed() -> None:
    call = AtPage()
    call.session.mute(True, "1001")
    call.page.there = False
    call.tick(GONE_FRAMES)
    assert call.state == "away"


async def test_whoever_is_free_takes_it_at_the_switchboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence, "GONE_FRAMES", 2)
    monkeypatch.setattr(absence, "PATIENCE_FRAMES", 4)
    async with desk() as here:
        page = Page()
        page.there = False
        here.phones["1001"].leg = page
        for phone in here.phones.values():
            phone.picked_up.set()
        call = await here.ring()
        await here.board.answer("c1", "1001")
        await here.until(lambda: here.board.live()[0].state == "offered")
        with pytest.raises(NotNow, match="agent 1001 is on call c1"):
            await here.board.answer("c1", "1001")
        await here.board.answer("c1", "1002")
        live = here.board.live()[0]
        assert (live.state, live.agent, call.log) == ("talking", "1002", ["answer"])
        assert page.closed
