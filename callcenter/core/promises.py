"""Hears what an agent promises: 明天给您回电, 三天内答复, 一个工作日内退款 (D9, W12). Pure.

A promise has a time and something that is done for the caller by then. No promise are questions and
offers (要不要, 可以吗), negations, conditions (如果), what is over (已经), what the caller wants or
does. Written for what a recogniser writes: without punctuation it works as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from callcenter.core.events import PromiseDecided, PromiseHeard
from callcenter.core.moments import Spoken, moments
from callcenter.core.records import Party, Promise, Segment

LONGEST = 2000
"""Characters of a segment that are read."""
FURTHEST = 14
"""Characters between the time and what is promised."""

_YOU = "(?:您|你|客户|贵公司)"
_TO_YOU = f"(?:给|跟|和|与|向|为|帮|同){_YOU}(?:们|那边|这边)?"
_SOME = "(?:再|一个|个|一下|去|来|您|你|的|们|这边|那边){0,3}"
ACTIONS: dict[str, re.Pattern[str]] = {
    "call_back": re.compile(
        f"{_TO_YOU}{_SOME}(?:打|致|拨|回|去|来)(?:一个|个|一通|通)?(?:电话|电|过去|回去|过来|回来)"
        f"|回{_YOU}(?:一个|个)?(?:电话|电)|打电话给{_YOU}|打给{_YOU}|打{_YOU}的?(?:电话|手机)"
        f"|(?:联系|联络|通知|回访){_YOU}|{_TO_YOU}{_SOME}(?:联系|联络|沟通|回访|去电|来电)"
        "|回电话?|回拨|(?:打|拨)(?:过去|回去)"
    ),
    "reply": re.compile(
        f"(?:{_TO_YOU}{_SOME}|会|能|作出|做出|有)?(?:明确的?|一个|个|书面|正式)?"
        "(?:答复|回复|反馈|回话|回音|回信)"
        f"|(?:{_TO_YOU}|给到{_YOU}){_SOME}(?:明确的?)?(?:说法|结果|消息|准信|交代|方案)"
        f"|(?:告诉|告知|短信告知){_YOU}"
    ),
    "refund": re.compile(
        f"{_TO_YOU}{_SOME}退(?:款|钱|费|回|还)?|退(?:还)?给{_YOU}|退款|退费|到账|返还"
        f"|退(?:回|到){_YOU}?|打到{_YOU}的?(?:卡|账户)"
    ),
    "visit": re.compile(
        "上门|(?:派|安排)(?:一个|个|一位|位)?(?:人|师傅|工程师|维修员)(?:过去|来)?"
    ),
    "send": re.compile(
        f"寄出|寄(?:给|到){_YOU}?|寄过去|{_TO_YOU}{_SOME}(?:补?寄|补?发|送)(?:到|出|过去|货|上门)?|补发|补寄|发货|发出"
        f"|送到|送达|送货|发(?:给|到){_YOU}"
    ),
    "solve": re.compile(
        f"(?:{_TO_YOU}{_SOME}|会|能|可以|帮忙)?"
        "(?:处理|解决|修|换|办|弄|查|核实|开通|恢复)(?:清楚|好|完|到位|掉|妥)"
        f"|{_TO_YOU}{_SOME}(?:处理|解决|更换|换新|开通|恢复)"
    ),
}
"""What can be promised, and how that is said."""

_SENTENCE = re.compile("[^。！？!?；;\n]+[？?]?")
_LATER = re.compile(
    "(?:[，, ]?(?:最[晚迟快]|大概|大约|预计|时间))?"
    "(?:您?的?卡上|会|将|要|需要|是|在|大概|大约|差不多|最[晚迟快]|一般|通常|预计)*"
)
"""What may stand between the promise and its time, where that comes last."""
_NO = re.compile(
    "不(?!管|论|仅|光|过|好意思|用担心)|没(?!问题|关系)|未必|无法|别(?!的|人)|难以|也许|可能|等到|直到|谁|本来"
)
_OVER = re.compile("已经?|刚[才刚]|昨天|前天|上周|上个?[月周星礼]|之前|以前|当时")
_IF = re.compile(
    "如果|要是|假如|假设|万一|除非|若是|的话|要不|需不需要|是不是|能不能|可不可以|会不会|是否|说[了过好]"
    "|什么时候|几点|哪天|多久|多长时间|怎么|为什么"
)
_WISH = re.compile("(?:您|你|客户|他|她)们?(?:是|的意思|刚才)?(?:想|要|希望|说|需要|指)|希望我们")
_THEY_DO = re.compile(
    "(?<![给跟和与向为帮到谢])(?:您|你|客户)(?!好|的|放心)"
    "(?!.*(?:我|师傅|工程师|专人|专员|财务|仓库|主管|经理|同事|物流|系统))"
)
_WAIT = re.compile("放心|等|耐心|稍候")
_TO_US = re.compile("(?:[给跟和与向为帮到系知诉])(?:我|咱)")
_ASKS = re.compile(
    "^[，, ]?(?:了|的|哦|啊|您|你|话)?(?:看|觉得)?(?:这样|时间)?(?:的话|子)?"
    "(?:可以|行|好|方便|成|合适|没问题|同意|接受|是|对)?"
    "(?:吗|么|[嘛不](?=$)|没有(?=$)|行不行|好不好|可不可以|[？?])"
)
_DONE = re.compile("^(?:过(?![去来])|了(?!解)|的(?:时候|师傅|人|电话|结果|时间))")


def hear(call_id: str, segment: Segment, answered_at: datetime) -> list[Promise]:
    """The promises in a finished segment of the agent's; none in anything else.

    The same segment heard again gives the same ids.
    `answered_at` is when the call was answered, in the call's local time zone; the time promised
    counts from the words' own place in the call.
    """
    if segment.party is not Party.AGENT or not segment.final:
        return []
    said_at = answered_at + timedelta(milliseconds=segment.start_ms)
    span = (segment.start_ms, segment.end_ms)
    return [
        Promise(f"{call_id}-{segment.start_ms}-{i}", what, due_at, text, *span)
        for i, (what, due_at, text) in enumerate(promised(segment.text[:LONGEST], said_at), 1)
    ]


def after(known: tuple[Promise, ...], event: PromiseHeard | PromiseDecided) -> tuple[Promise, ...]:
    """The promises of a call after one was heard, or decided about."""
    if isinstance(event, PromiseHeard):
        others = (one for one in known if one.promise_id != event.promise.promise_id)
        return (*others, event.promise)
    status = "accepted" if event.accepted else "dismissed"
    return tuple(
        replace(one, status=status, due_at=event.due_at)
        if one.promise_id == event.promise_id
        else one
        for one in known
    )


def promised(text: str, said_at: datetime) -> Iterator[tuple[str, datetime, str]]:
    """What is promised in a text, by when (UTC), and the words as heard, in order."""
    for match in _SENTENCE.finditer(text):
        yield from _in_sentence(match[0], said_at)


def _in_sentence(sentence: str, said_at: datetime) -> Iterator[tuple[str, datetime, str]]:
    times = moments(sentence, said_at)
    actions = _actions(sentence) if times else []
    taken = 0
    for start, end, what in actions:
        spoken = _nearest(sentence, times, start, end, taken)
        if spoken is None or (spoken.soon and what not in ("call_back", "reply")):
            continue
        first, last = min(start, spoken.start), max(end, spoken.end)
        lead = sentence[taken : spoken.start] + "…" + sentence[max(taken, spoken.end) : start]
        words = sentence[first:last]
        asked = any(_ASKS.search(sentence[after:]) for after in {end, last})
        if not asked and not _DONE.search(sentence[end:]) and _binds(lead, words):
            yield what, spoken.due_at, words.strip(" ，,")
            taken = last


def _binds(lead: str, words: str) -> bool:
    """Whether these words, after what leads to them, bind the one who says them.

    In `lead` the time, where it comes first, is a … and what is before it stands before that.
    """
    if _IF.search(lead[-25:]) or _TO_US.search(words):
        return False
    before, _, between = lead.rpartition("…")
    before = re.split("[，,了]", before)[-1][-10:]
    near = before + between
    if _NO.search(before[-4:] + between) or _OVER.search(near) or _WISH.search(near):
        return False
    if "您" in words or "你" in words:
        return True
    return "可以" not in words and not (_THEY_DO.search(near) and not _WAIT.search(near))


def _actions(sentence: str) -> list[tuple[int, int, str]]:
    """What could be promised, in order; of two in the same place the first."""
    found = sorted(
        (match.start(), -match.end(), what)
        for what, shape in ACTIONS.items()
        for match in shape.finditer(sentence)
    )
    kept: list[tuple[int, int, str]] = []
    for start, minus_end, what in found:
        if not kept or start >= kept[-1][1]:
            kept.append((start, -minus_end, what))
    return kept


def _nearest(sentence: str, times: list[Spoken], start: int, end: int, taken: int) -> Spoken | None:
    """The time that belongs to an action: the last one before it, else the first one after."""
    free = [one for one in times if one.start >= taken]
    earlier = [one for one in free if one.end <= start and start - one.end <= FURTHEST]
    later = [one for one in free if _LATER.fullmatch(sentence[end : one.start])]
    return earlier[-1] if earlier else later[0] if later else None
