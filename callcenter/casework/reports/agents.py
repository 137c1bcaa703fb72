"""座席报表: how each agent and the whole house answered, handled, kept their word and were there.

Handbook items K1-K3, R4, and what F and W promise. The formulas are those of VOCABULARY §3b; a
recovery break (H23) is in none of them. Reads through the session given: twelve queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table
from callcenter.casework.reports import in_time
from callcenter.casework.reports.answering import (
    Line,
    answered,
    inbound,
    listed,
    solved_at_once,
)
from callcenter.casework.reports.periods import Period
from callcenter.casework.staff import attendance, seats
from callcenter.casework.staff.seats import Duty
from callcenter.casework.staff.stretches import Stretch, length
from callcenter.core.presence import AgentState
from callcenter.core.records import Agent
from callcenter.store.tables import Call, Handling

NAMES = {"day": "座席日报", "week": "座席周报", "month": "座席月报", "custom": "座席报告"}
EVERYBODY = "全部"
_WHO = ("工号", "姓名")
_KEPT = (in_time.promises, in_time.follow_ups, in_time.members, in_time.complaints)
_NOBODY = Duty((), (), ())
_BUSY = (AgentState.ON_CALL, AgentState.WRAP_UP)
_FREE = (AgentState.READY, AgentState.RINGING)


@dataclass(frozen=True, slots=True)
class Outbound:
    """What the report needs of a call that an agent made."""

    agent: str
    answered_at: datetime | None
    ended_at: datetime | None

    @property
    def talked(self) -> timedelta | None:
        """From answer to end; None where nobody picked up."""
        return self.ended_at - self.answered_at if self.answered_at and self.ended_at else None


Took = TypeVar("Took", Line, Outbound)


@dataclass(slots=True)
class Figures:
    """What one agent did, or everybody together."""

    who: str
    name: str
    lines: Sequence[Line] = ()
    solved: Share = field(default_factory=lambda: Share(0, 0))
    dialled: int = 0
    talked: Sequence[timedelta] = ()
    """Each call that they handled, in and out, holding included."""
    held: timedelta = timedelta()
    stood: Mapping[str, timedelta] = field(default_factory=dict)
    """How long in each state."""
    kept: Sequence[Share] = ()
    """As _KEPT."""
    duty: Sequence[Duty] = ()

    def per_call(self, whole: timedelta) -> timedelta | None:
        """The mean of something over the calls handled."""
        return whole / len(self.talked) if self.talked else None

    def time(self, *states: AgentState) -> timedelta:
        """How long they stood in these states."""
        return sum((self.stood.get(state.value, timedelta()) for state in states), timedelta())

    @property
    def handling(self) -> timedelta:
        """Talk, hold and wrap-up of all calls."""
        return sum(self.talked, timedelta()) + self.time(AgentState.WRAP_UP)

    @property
    def occupancy(self) -> Share:
        """利用率: calls and wrap-ups ÷ those and being ready."""
        return _part(self.time(*_BUSY), self.time(*_BUSY, *_FREE))

    @property
    def adherence(self) -> Share:
        """排班遵守率: time at the seat ÷ time due, where the service ran."""
        there = sum((length(one.there) for one in self.duty), timedelta())
        return _part(there, sum((length(one.due) for one in self.duty), timedelta()))


def sheet(
    session: Session,
    period: Period,
    now: datetime,
    agents: Sequence[Agent],
    allowed: timedelta = timedelta(minutes=10),
) -> Sheet:
    """The report of this time, as far as it is over; `allowed` as House.away."""
    since, until = period.since, period.until
    rows = figures(session, (since, until), now, agents, allowed)
    tables = (
        _answering(rows, since, until),
        _handling(rows, since, until),
        _promises(rows),
        _being_there(rows, allowed),
    )
    return Sheet(NAMES[period.name], (("期间", period.text),), tables, ("制表", "主管"))


def figures(
    session: Session, time: Stretch, now: datetime, agents: Sequence[Agent], allowed: timedelta
) -> list[Figures]:
    """Everybody of the house and who else took calls in this time; all of them together last."""
    calls, made, held = inbound(session, *time), _outbound(session, time), _held(session, time)
    over = (time[0], max(time[0], min(time[1], now)))
    stood, solved = attendance.totals(session, *over), solved_at_once(calls)
    duties = seats.duties(session, over, allowed)
    counts = [count(session, *time) for count in _KEPT]
    names = {agent.number: agent.name for agent in agents}
    taken, dialled = _by_agent(calls), _by_agent(made)
    took = (taken.keys() | dialled.keys()) - {"", *names}
    found = []
    for who in [*names, *sorted(took)]:
        mine, out = taken.get(who, []), dialled.get(who, [])
        called = {who, names.get(who, who)}
        found.append(
            Figures(
                who,
                names.get(who, ""),
                mine,
                solved.get(who, Share(0, 0)),
                len(out),
                _talked([*mine, *out]),
                held.get(who, timedelta()),
                stood.get(who, {}),
                [in_time.total(one, called) for one in counts],
                [duties.get(who, _NOBODY)],
            )
        )
    return [*found, _together(found, calls, solved[""], [in_time.total(one) for one in counts])]


def _together(
    rows: Sequence[Figures], calls: Sequence[Line], solved: Share, kept: Sequence[Share]
) -> Figures:
    """The house: its calls, those that nobody took too, and what anybody promised."""
    stood: dict[str, timedelta] = defaultdict(timedelta)
    for row in rows:
        for state, time in row.stood.items():
            stood[state] += time
    return Figures(
        EVERYBODY,
        "",
        calls,
        solved,
        sum(row.dialled for row in rows),
        [talked for row in rows for talked in row.talked],
        sum((row.held for row in rows), timedelta()),
        stood,
        kept,
        [duty for row in rows for duty in row.duty],
    )


def _answering(rows: Iterable[Figures], since: datetime, until: datetime) -> Table:
    found: list[tuple[Cell, ...]] = []
    for row in rows:
        counted, house = answered(row.lines), row.who == EVERYBODY
        within = partial(_listed, row, since, until, direction="inbound", blocked="false")
        offered = Figure(counted.level_of_offered, within()) if house else None
        taken = partial(Figure, counts=within(taken="true"))
        found.append(
            (
                row.who,
                row.name,
                taken(counted.answered),
                taken(counted.mean_rings),
                taken(counted.three_rings),
                taken(counted.speed),
                offered,
                taken(counted.level_of_answered),
                taken(row.solved),
            )
        )
    figures_ = ("接起", "平均振铃声数", "三声内接起率", "平均应答速度")
    levels = ("服务水平（按来电）", "服务水平（按接起）", "首次解决率")
    note = (
        "三声 = 15 秒；服务水平 = 20 秒内接起 ÷ 未拦截来电（含放弃）或 ÷ 接起，来电不指定座席，"
        "按来电只有全部；首次解决率 = 24 小时内未再来电 ÷ 接起（有号码，非骚扰）"
    )
    return Table("接听", (*_WHO, *figures_, *levels), found, note)


def _handling(rows: Iterable[Figures], since: datetime, until: datetime) -> Table:
    found: list[tuple[Cell, ...]] = []
    for row in rows:
        within = partial(_listed, row, since, until)
        handled = partial(Figure, counts=within(taken="true"))
        found.append(
            (
                row.who,
                row.name,
                Figure(row.dialled, within(direction="outbound")),
                handled(len(row.talked)),
                handled(row.per_call(sum(row.talked, timedelta()))),
                handled(row.per_call(row.held)),
                handled(row.per_call(row.time(AgentState.WRAP_UP))),
                handled(row.per_call(row.handling)),
                row.occupancy,
            )
        )
    means = ("平均通话时长", "平均保持时长", "平均话后时长", "平均处理时长")
    note = (
        "处理 = 接起的呼入 + 接通的外呼；通话含保持；平均处理 = (通话 + 话后) ÷ 处理；"
        "利用率 = (通话 + 话后) ÷ (通话 + 话后 + 就绪)，恢复休息和小休不计"
    )
    return Table("处理", (*_WHO, "外呼", "处理", *means, "利用率"), found, note)


def _promises(rows: Iterable[Figures]) -> Table:
    found: list[tuple[Cell, ...]] = [
        (row.who, row.name, *(cell for share in row.kept for cell in (share.of, share)))
        for row in rows
    ]
    names = ("承诺及时率", "回访及时率", "会员回访率", "投诉告知及时率")
    columns = [cell for name in names for cell in ("到期", name)]
    note = "及时率 = 按时 ÷ 到期；会员回访率 = 已回访 ÷ 到期；投诉按登记人"
    return Table("承诺与时限", (*_WHO, *columns), found, note)


def _being_there(rows: Iterable[Figures], allowed: timedelta) -> Table:
    found: list[tuple[Cell, ...]] = [
        (
            row.who,
            row.name,
            row.time(*_FREE),
            row.time(AgentState.ON_CALL),
            row.time(AgentState.WRAP_UP),
            row.time(AgentState.BREAK),
            row.time(AgentState.RECOVERY),
            sum((length(one.due) for one in row.duty), timedelta()),
            row.adherence,
            sum(len(one.gaps) for one in row.duty),
            sum((one.absent for one in row.duty), timedelta()),
        )
        for row in rows
    ]
    states = ("就绪", "通话", "话后整理", "小休", "恢复休息")
    kept = ("应在岗", "排班遵守率", "空岗次数", "空岗时长")
    note = (
        f"空岗 = 排班内签出或小休超过 {allowed // timedelta(minutes=1)} 分钟；"
        "恢复休息不计入任何考核指标，只用于关怀；服务停机的时间不计"
    )
    return Table("在岗", (*_WHO, *states, *kept), found, note)


def _listed(row: Figures, since: datetime, until: datetime, **which: str) -> str:
    """Where the API lists such calls of this agent, or of everybody."""
    whose = {} if row.who == EVERYBODY else {"agent": row.who}
    return listed(since, until, **which, **whose)


def _outbound(session: Session, time: Stretch) -> list[Outbound]:
    asked = select(Call.agent, Call.answered_at, Call.ended_at).where(
        Call.direction == "outbound", Call.rang_at >= time[0], Call.rang_at < time[1]
    )
    return [Outbound(*row) for row in session.execute(asked)]


def _held(session: Session, time: Stretch) -> Mapping[str, timedelta]:
    """How long each agent let callers wait with the hold tone; until the call ended at most."""
    asked = (
        select(Handling.call_id, Handling.kind, Handling.actor, Handling.at, Call.ended_at)
        .join(Call, Call.call_id == Handling.call_id)
        .where(
            Call.rang_at >= time[0],
            Call.rang_at < time[1],
            Handling.kind.in_(("held", "resumed", "transferred", "returned")),
            Handling.text != "left",  # who was asked first has gone, and the caller still waits
        )
        .order_by(Handling.call_id, Handling.id)
    )
    whole: dict[str, timedelta] = defaultdict(timedelta)
    rows = session.execute(asked).all()
    for row, after in zip_longest(rows, rows[1:]):
        if row.kind == "held":
            same = after is not None and after.call_id == row.call_id
            until = after.at if after is not None and same else row.ended_at
            whole[row.actor] += until - row.at if until else timedelta()
    return whole


def _by_agent(calls: Iterable[Took]) -> Mapping[str, list[Took]]:
    of_agent: dict[str, list[Took]] = defaultdict(list)
    for one in calls:
        of_agent[one.agent].append(one)
    return of_agent


def _talked(calls: Iterable[Line | Outbound]) -> list[timedelta]:
    return [one.talked for one in calls if one.talked is not None]


def _part(part: timedelta, whole: timedelta) -> Share:
    return Share(part.total_seconds(), whole.total_seconds())
