"""Calls as the desk would have told them: rung, answered, heard by the real rules, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.commands.seed.company import Company
from callcenter.core import events as ev
from callcenter.core.presence import AgentState
from callcenter.core.records import Agent, Hit, Party, Quality, Segment, Word
from callcenter.desk.policy import disposition

LINE = "示例"
"""The line of every seeded call: nobody takes them for real ones."""
CHARACTER_MS, PAUSE_MS, OPENING_MS = 190, 700, 900
STEER = "您好，这里是客户服务热线。请问您今天要咨询或办理什么业务？"
WITHHELD = "anonymous"


@dataclass(frozen=True, slots=True)
class Rung:
    """A call that was answered: its id, when, until when its words go, and what was hit."""

    call_id: str
    at: datetime
    words_ms: int
    hits: tuple[Hit, ...]

    def moment(self, ms: int) -> datetime:
        """So long after the answer."""
        return self.at + timedelta(milliseconds=ms)

    @property
    def over(self) -> datetime:
        """A moment after the last word."""
        return self.moment(self.words_ms + 1500)


def new_id(company: Company, at: datetime) -> str:
    """As app.new_call_id, from our own chance."""
    return f"{at:%Y%m%dT%H%M%S}-{company.rng.randbytes(6).hex()}"


def segments(lines: Sequence[tuple[Party, str]]) -> list[Segment]:
    """What is said, one after the other, each character a word."""
    said, at = [], OPENING_MS
    for party, text in lines:
        spoken = [sign for sign in text if sign.isalnum()]
        words = tuple(
            Word(sign, at + CHARACTER_MS * n, at + CHARACTER_MS * (n + 1), 0.93)
            for n, sign in enumerate(spoken)
        )
        end = at + CHARACTER_MS * len(spoken)
        said.append(Segment(party, at, end, text, words))
        at = end + PAUSE_MS
    return said


def ring(company: Company, number: str, agent: Agent, *, out: bool = False) -> Rung:
    """A call rings and is picked up; `out`: the agent dials it."""
    rang, call_id = company.now, new_id(company, company.now)
    house = company.words.all["hotline"]
    waits = company.rng.choice((3, 4, 5, 6, 7, 9, 11, 13, 17, 28))
    answered = rang + timedelta(seconds=waits)
    caller, callee = (house, number) if out else (number, house)
    way = ("outbound", agent.number) if out else ("inbound", "")
    company.write(
        ev.CallRang(call_id, rang, caller, callee, LINE, *way),
        ev.CallAnswered(call_id, answered, agent.number),
    )
    if company.is_free(agent.number):
        company.talking[call_id] = agent.number
        company.free[agent.number] = answered + timedelta(hours=1)
        state = AgentState.ON_CALL.value
        company.write(ev.AgentChanged(call_id, answered, agent.number, state, "", agent.number))
    return Rung(call_id, answered, 0, ())


def _hang_up(company: Company, call_id: str, at: datetime) -> None:
    """The agent wraps up, and is ready again."""
    agent = company.talking.pop(call_id, "")
    if not agent:
        return
    ready = company.free[agent] = at + timedelta(seconds=company.rng.randint(15, 90))
    wrapping, free = AgentState.WRAP_UP.value, AgentState.READY.value
    company.write(
        ev.AgentChanged(call_id, at, agent, wrapping, "", agent),
        ev.AgentChanged("", ready, agent, free, "", agent),
    )


def hear(company: Company, rung: Rung, said: Sequence[Segment]) -> Rung:
    """What is said is heard, and hit by the rules in force."""
    listener = company.scripts.listener()
    facts: list[ev.Event] = []
    hits: list[Hit] = []
    for segment in said:
        at = rung.moment(segment.end_ms)
        facts.append(ev.SegmentHeard(rung.call_id, at, segment))
        found = listener.heard(segment)
        facts += [ev.HitFound(rung.call_id, at, hit) for hit in found]
        hits += found
    company.write(*facts)
    return Rung(rung.call_id, rung.at, said[-1].end_ms, tuple(hits))


def end(company: Company, heard: Rung, by: str = "caller") -> datetime:
    """The call is over, as nothing happened but talk."""
    groups = {company.scripts.group(hit.category) for hit in heard.hits}
    what = disposition(groups, None, terminated=False)
    end_at = heard.over
    company.write(
        _quality(company, heard.call_id, end_at),
        ev.CallEnded(heard.call_id, end_at, by, "answered", what),
    )
    _hang_up(company, heard.call_id, end_at)
    return end_at


def terminate(company: Company, heard: Rung, agent: Agent, prompt: str, reason: str) -> datetime:
    """The agent confirms what the desk proposes: the prompt plays, and the call is ended (H9)."""
    evidence = heard.hits[-1].text if heard.hits else "12 秒没有听到来电人"
    at = heard.moment(heard.words_ms + 400)
    confirmed, played = at + timedelta(seconds=2), company.scripts.prompt(prompt).file_ms
    over = confirmed + timedelta(milliseconds=played + 300)
    what = "silent" if reason == "silent" else "harassment"
    company.write(
        ev.TerminationProposed(heard.call_id, at, reason, prompt, evidence),
        ev.TerminationConfirmed(heard.call_id, confirmed, agent.number, prompt),
        ev.PromptStarted(heard.call_id, confirmed, prompt, played),
        ev.PromptEnded(heard.call_id, over, prompt, played, played),
        _quality(company, heard.call_id, over),
        ev.CallEnded(heard.call_id, over, "system", "answered", what),
    )
    _hang_up(company, heard.call_id, over)
    return over


def steer(company: Company, heard: Rung, said: Sequence[Segment]) -> None:
    """The card that leads the caller back (H2), after the first harassing words."""
    first = heard.hits[0]
    at = heard.moment(first.end_ms)
    if said[-1].start_ms > first.end_ms:
        steered = ev.SteerBackOffered(heard.call_id, at, first.category, STEER, first.text)
        company.write(steered)


def caught(company: Company, number: str) -> str:
    """A blocked number rings: nobody is disturbed, prompt B plays."""
    call_id, rang = new_id(company, company.now), company.now
    answered, played = rang + timedelta(seconds=1), company.scripts.prompt("analysis").file_ms
    over = answered + timedelta(milliseconds=played + 200)
    house = company.words.all["hotline"]
    company.write(
        ev.CallRang(call_id, rang, number, house, LINE),
        ev.CallAnswered(call_id, answered, ""),
        ev.PromptStarted(call_id, answered, "analysis", played),
        ev.PromptEnded(call_id, over, "analysis", played, played),
        ev.CallEnded(call_id, over, "system", "blocked", "blocked"),
    )
    return call_id


def lost(company: Company, number: str) -> None:
    """Who rings off before anybody picks up."""
    call_id, over = new_id(company, company.now), company.now
    over += timedelta(seconds=company.rng.randint(4, 50))
    house = company.words.all["hotline"]
    company.write(
        ev.CallRang(call_id, company.now, number, house, LINE),
        ev.CallEnded(call_id, over, "caller", "abandoned", "abandoned"),
    )


def _quality(company: Company, call_id: str, at: datetime) -> ev.QualityMeasured:
    rng = company.rng
    packets, lost_ = rng.randint(900, 6000), rng.randint(0, 12)
    what = Quality(packets, lost_, rng.randint(0, 4), rng.uniform(0.3, 9), rng.uniform(8, 60), 4.3)
    return ev.QualityMeasured(call_id, at, "caller", "", what)
