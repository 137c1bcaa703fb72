"""骚扰电话报告 (H6, H12, H17, H24) as a paper: each figure leads to what it counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table, Telephone, plain
from callcenter.casework.reports.answering import listed
from callcenter.casework.reports.ladder import LadderReport, RungEffect
from callcenter.casework.reports.nuisance import Found
from callcenter.casework.reports.periods import Period
from callcenter.casework.reports.shares import wilson

NAMES = {
    "day": "骚扰电话日报",
    "week": "骚扰电话周报",
    "month": "骚扰电话月报",
    "custom": "骚扰电话报告",
}
RUNGS = {
    "steer_back": "引导回主题", "line_fault": "提示音一（线路故障）",
    "analysis": "提示音二（来电分析）", "block": "拉黑后拦截",
}  # fmt: skip
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SOURCE_TYPES = {"home": "住宅", "payphone": "公用电话", "office": "单位电话", "unknown": "未知"}
CATEGORIES = {
    "sexual": "低俗", "insult": "辱骂", "threat": "威胁", "prank": "恶作剧",
    "likely_harassment": "像骚扰", "marked": "座席标记",
}  # fmt: skip
Listed = Callable[..., str]


def sheet(found: Found, *, exposed: bool = True) -> Sheet:
    """The report; `exposed` with what each agent had to bear, for who leads them."""
    where = leads(found.period)
    tables = [
        _counts(found, where),
        _rungs(found.ladder, where),
        _heat(found.ladder, where),
        kinds(found),
        _sources(found.ladder, where),
        _types(found),
    ]
    if exposed:
        tables.append(_exposed(found))
    facts: tuple[tuple[str, Cell], ...] = (("期间", found.period.text),)
    return Sheet(NAMES[found.period.name], facts, tuple(tables), ("制表", "主管"))


def leads(period: Period) -> Listed:
    """Where the API lists harassing and blocked calls of this time, narrowed as is said."""
    return partial(listed, period.since, period.until, direction="inbound", nuisance="true")


def interval(cell: Cell) -> str:
    """What chance leaves open of a share, in words: 12.0–19.5 %."""
    share = plain(cell)
    if not isinstance(share, Share) or not share.of:
        return "—"
    made = wilson(share.part, share.of)
    wide = "，区间宽" if made.is_wide else ""
    return f"{100 * made.low:.1f}–{100 * made.high:.1f} %{wide}"


def _counts(found: Found, where: Listed) -> Table:
    told, period = found.ladder, found.period
    before = leads(period.before)
    came = listed(period.since, period.until, direction="inbound")
    overruled = listed(period.since, period.until, direction="inbound", overruled="true")
    rows: list[tuple[str, Cell, Cell]] = [
        ("骚扰与拦截来电", Figure(told.calls, where()), Figure(found.earlier.part, before())),
        ("占呼入", Figure(found.of_all, came), found.earlier),
        ("其中拦截", Figure(told.blocked, where(disposition="blocked")), None),
        ("其中隐藏号码", Figure(told.withheld_calls, where(withheld="true")), None),
        ("来源", len(told.attempts), None),
        ("前 5 个来源占", Share(told.top, told.calls), None),
        ("从建议到终止（中位数）", found.to_end, found.earlier_to_end),
        ("改判", Figure(found.judged.part, overruled), None),
        ("改判占已判定", found.judged, None),
    ]
    cells: list[tuple[Cell, ...]] = [(n, now, interval(now), then) for n, now, then in rows]
    note = "区间 = 95 %（Wilson）；改判 = 按骚扰终止、后经判定不是骚扰"
    return Table("来电", ("指标", "本期", "区间", "上期"), cells, note)


def _rungs(told: LadderReport, where: Listed) -> Table:
    rows = [_rung(one, partial(where, rung=one.rung)) for one in told.rungs]
    columns = (
        "措施", "使用", "未再来电", "再次来电", "未满 24 小时", "隐藏号码", "见效率", "区间",
    )  # fmt: skip
    note = (
        "见效率 = 24 小时内未再来电 ÷（未再来电 + 再次来电）；区间 = 95 %（Wilson），宽则不宜比较"
    )
    return Table("各级措施的效果", columns, rows, note)


def _rung(one: RungEffect, where: Listed) -> tuple[Cell, ...]:
    share = Share(one.gave_up, one.gave_up + one.came_back)
    ends = ("gave_up", "came_back", "open", "withheld")
    return (
        RUNGS[one.rung],
        Figure(one.used, where()),
        *(Figure(getattr(one, end), where(after=end)) for end in ends),
        share,
        interval(share),
    )


def _heat(told: LadderReport, where: Listed) -> Table:
    """Hours down, weekdays across: so it fits on paper."""
    rows: list[tuple[Cell, ...]] = [
        (
            f"{hour:02d}:00",
            *(
                Figure(told.heat[day][hour], where(hour=str(hour), weekday=str(day)))
                for day in range(7)
            ),
            Figure(total, where(hour=str(hour))),
        )
        for hour, total in enumerate(told.hours)
        if total
    ]
    days = [Figure(n, where(weekday=str(day))) for day, n in enumerate(told.weekdays)]
    rows.append(("合计", *days, Figure(told.calls, where())))
    return Table("时段与星期", ("时段", *WEEK, "合计"), rows)


def kinds(found: Found) -> Table:
    """What was heard, slot by slot of the time."""
    told, period = found.kinds, found.period
    of_day = period.first == period.last
    rows: list[tuple[Cell, ...]] = []
    for at, (start, end) in enumerate(told.slots):
        within = partial(listed, start, end, direction="inbound", nuisance="true")
        counts = [(name, of_slot[at]) for name, of_slot in told.counts.items()]
        wall = start.astimezone(period.zone)
        cells = [Figure(count, within(category=name)) for name, count in counts]
        rows.append((f"{wall:%H}:00" if of_day else f"{wall:%m-%d}", *cells))
    names = (CATEGORIES.get(name, name) for name in told.counts)
    title = "时段" if of_day else "日期"
    note = "一通来电命中几类就计几次"
    return Table(f"按类别与{title}", (title, *names), rows, note, series=True)


def _sources(told: LadderReport, where: Listed) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            Telephone(one.caller_number),
            Figure(one.calls, where(source=one.caller_number)),
            *(one.attempts, one.prompts_a, one.prompts_b, one.blocked_attempts, one.last_at),
        )
        for one in told.sources
    ]
    columns = ("来源", "来电", "次数（合并连拨）", "提示音一", "提示音二", "拦截", "最近一次")
    return Table("按来源", columns, rows)


def _types(found: Found) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (SOURCE_TYPES.get(name, name), sources, calls) for name, sources, calls in found.types
    ]
    return Table("按来源类型", ("来源类型", "来源数", "来电"), rows, "来源类型由立案人员认定")


def _exposed(found: Found) -> Table:
    period = found.period
    rows: list[tuple[Cell, ...]] = []
    for one in found.bearing:
        borne = listed(period.since, period.until, exposed="true", agent=one.agent)
        offers = one.breaks
        calls: Sequence[Cell] = (one.agent, Figure(one.calls, borne))
        times: Sequence[timedelta] = (one.abuse, one.most, one.rest)
        rows.append((*calls, *times, offers.offered, offers.taken, offers.refused))
    columns = (
        "座席", "受骚扰来电", "受骚扰时长", "单日最长", "已休息", "恢复休息已提供", "已休", "不休",
    )  # fmt: skip
    return Table("座席承受", columns, rows, "只用于安排休息，不用于考核。")
