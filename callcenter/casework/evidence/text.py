"""How an evidence package tells a call: its timeline, what was said with what was hit. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect

from callcenter.casework.evidence.gathering import Evidence
from callcenter.core.numbers import group
from callcenter.core.pauses import PAUSE
from callcenter.store.tables import Base, Call, GapRow, HitRow, QualityRow, SegmentRow

UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Wording:
    """How names that the store keeps are said to people."""

    word: Callable[[str, str], str]
    """Kind and name, as web/pages/words.py has them."""
    category: Callable[[str], str]
    person: Callable[[str], str]
    quality: Callable[[QualityRow], str]
    """How one party's sound came, in one line."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a call: when (UTC, and ms since answer), what, by whom, and the particulars."""

    at: datetime
    offset_ms: int | None
    what: str
    who: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what was said, and the hit that it belongs to."""

    text: str
    hit: HitRow | None


@dataclass(frozen=True, slots=True)
class Line:
    """What one party said, cut where hits begin and end; or a gap where nobody listened."""

    start_ms: int
    end_ms: int
    party: str
    pieces: tuple[Piece, ...] = ()
    live: bool = True
    gap: GapRow | None = None


def columns(row: Base) -> dict[str, Any]:
    """A row as JSON types, whatever columns its table has: times as ISO 8601 in UTC."""
    kept = {attr.key: getattr(row, attr.key) for attr in inspect(row).mapper.column_attrs}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in kept.items()}


def as_json(content: Any) -> bytes:
    """Readable JSON in UTF-8; half a character, which no text can hold, becomes a question mark."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def clean(text: str) -> str:
    """The text on one line; signs that steer a terminal or the direction of writing are marked."""
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() else UNPRINTABLE


def clock(ms: int) -> str:
    """Milliseconds since answer as minutes and seconds: 1:02.340."""
    return f"{ms // 60000}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def number(evidence: Evidence, call: Call) -> str:
    """The caller's number in full, and where it comes from."""
    source = evidence.source(call)
    if not source:
        return "号码隐藏"
    return group(source) + ("（话单找回）" if call.call_id in evidence.numbers else "")


def lines(call: Call) -> list[Line]:
    """What was said and where nobody listened, in order of time."""
    said = [_line(segment, call.hits) for segment in call.segments]
    gaps = [Line(gap.start_ms, gap.end_ms, gap.party, gap=gap) for gap in call.gaps]
    return sorted([*said, *gaps], key=lambda line: (line.start_ms, line.end_ms, line.party))


def timeline(evidence: Evidence, call: Call, say: Wording) -> list[Moment]:
    """Everything that happened in a call and was decided about it, each with its moment."""
    steps = [*_heard(call, say), *_decided(call, say), *_wire(call, say), *_judged(call, say)]
    steps += _handled(call, say)
    row = evidence.numbers.get(call.call_id)
    if row is not None:
        where = f"{group(row.caller_number)}，话单 {row.bill_sha256[:12]}… 第 {row.bill_line} 行"
        steps.append(Moment(row.at, None, "找回号码", say.person(row.person), where))
    return sorted(steps, key=lambda step: step.at)


def transcript(evidence: Evidence, call: Call, say: Wording) -> str:
    """The transcript as plain text."""
    way = "呼出" if call.direction == "outbound" else "来电"
    head = f"通话 {clean(call.call_id)}\n{way}号码 {clean(number(evidence, call))}\n"
    told = [_told(line, speaker(call, line.party, say)) for line in lines(call)]
    hits = [f"  ※ {_hit(hit, say)}" for hit in call.hits]
    return (
        head
        + "时间是接听后的 分:秒.毫秒，与录音位置一致。【】是命中的话。\n\n"
        + "".join(f"{line}\n" for line in told or ["（没有转写）"])
        + "\n命中\n"
        + "".join(f"{hit}\n" for hit in hits or ["  （没有）"])
    )


def gap_text(gap: GapRow) -> str:
    """A gap in a sentence."""
    if gap.reason == PAUSE:
        return "此段为安全暂停：按规定没有录音和转写"
    later = "之后已按录音补转写" if gap.filled else "至今没有转写，请听录音"
    return f"此段当时未转写（{clean(gap.reason)}）；{later}"


def far_end(call: Call) -> str:
    """How the party beyond the line is called: whom we called is no 来电人."""
    return "客户（被叫）" if call.direction == "outbound" else "来电人"


def speaker(call: Call, party: str, say: Wording) -> str:
    """Who says a line."""
    return far_end(call) if party == "caller" else clean(say.word("party", party))


def qualities(call: Call, say: Wording) -> list[tuple[str, str]]:
    """Whose sound came over the wire, and how."""
    return [
        (say.person(row.agent) if row.agent else far_end(call), say.quality(row))
        for row in call.quality
    ]


def _wire(call: Call, say: Wording) -> Iterator[Moment]:
    out = call.direction == "outbound"
    who = say.person(call.agent) if out else far_end(call)
    yield Moment(call.rang_at, None, "呼出" if out else "来电", who, f"线路 {clean(call.line)}")
    if call.answered_at is not None:
        yield Moment(call.answered_at, 0, "接听", say.person(call.agent or "system"))
    for prompt in call.prompts:
        sent = f"{clean(say.word('prompt', prompt.name))}：送出 {prompt.sent_ms} 毫秒，"
        at = prompt.started_at
        whole = f"全长 {prompt.file_ms} 毫秒"
        yield Moment(at, _offset(call, at), "播放提示音", "系统", sent + whole)
    if call.ended_at is not None:
        result = say.word("call_result", call.call_result)
        who = far_end(call) if call.ended_by == "caller" else say.word("ended_by", call.ended_by)
        yield Moment(call.ended_at, _offset(call, call.ended_at), "结束", who, clean(result))


def _decided(call: Call, say: Wording) -> Iterator[Moment]:
    for row in call.decisions:
        parts = (
            say.word("prompt", row.prompt) if row.prompt else "",
            say.category(row.reason) if row.reason else "",
            f"“{row.evidence}”" if row.evidence else "",
        )
        detail = clean("，".join(part for part in parts if part))
        what = clean(say.word("decision", row.kind))
        yield Moment(row.at, _offset(call, row.at), what, say.person(row.actor), detail)


def _handled(call: Call, say: Wording) -> Iterator[Moment]:
    """Who held the call, pressed keys, transferred it or listened to it."""
    for row in call.handling:
        said = say.word("returned", row.text) if row.kind == "returned" else row.text
        parts = (
            f"→ {say.person(row.other)}" if row.other else "",
            say.word("how", row.how) if row.how else "",
            f"“{said}”" if said else "",
        )
        detail = clean("，".join(part for part in parts if part))
        who = say.person(row.actor) if row.actor else far_end(call)
        what = clean(say.word("handling", row.kind))
        yield Moment(row.at, _offset(call, row.at), what, who, detail)


def _heard(call: Call, say: Wording) -> Iterator[Moment]:
    start = call.answered_at or call.rang_at
    for hit in call.hits:
        at = start + timedelta(milliseconds=hit.end_ms)
        yield Moment(at, hit.end_ms, "命中", "系统", _hit(hit, say))


def _judged(call: Call, say: Wording) -> Iterator[Moment]:
    for row in call.verdicts:
        what = f"判定为{say.word('verdict', row.verdict)}"
        yield Moment(row.at, None, clean(what), say.person(row.reviewer), clean(row.reason))


def _offset(call: Call, at: datetime) -> int | None:
    if call.answered_at is None:
        return None
    return max(0, round((at - call.answered_at).total_seconds() * 1000))


def _hit(hit: HitRow, say: Wording) -> str:
    spotted = "，从声音听辨" if hit.spotted else ""
    why = f"：{hit.why}" if hit.why else ""
    return clean(
        f"{clock(hit.start_ms)} {say.category(hit.category)} “{hit.text}”"
        f"（规则 {hit.rule}，把握 {hit.score:.2f}，程度 {hit.severity}{spotted}）{why}"
    )


def _told(line: Line, who: str) -> str:
    span = f"[{clock(line.start_ms)}–{clock(line.end_ms)}] {who}："
    if line.gap is not None:
        return f"{span}（{gap_text(line.gap)}）"
    text = "".join(f"【{p.text}】" if p.hit else p.text for p in line.pieces)
    return f"{span}{'' if line.live else '（补转写）'}{text}"


def _line(segment: SegmentRow, hits: Sequence[HitRow]) -> Line:
    mine = [
        hit
        for hit in hits
        if hit.party == segment.party
        and hit.start_ms < segment.end_ms
        and hit.end_ms > segment.start_ms
    ]
    pieces = tuple(_pieces(segment, mine))
    return Line(segment.start_ms, segment.end_ms, segment.party, pieces, segment.live)


def _pieces(segment: SegmentRow, hits: Sequence[HitRow]) -> Iterator[Piece]:
    """The text, cut where the hit changes; of two hits on a character the earlier one counts."""
    text = clean(segment.text)
    owner: list[HitRow | None] = [None] * len(text)
    for hit in hits:
        first, last = _where(segment, text, hit)
        for at in range(first, last):
            owner[at] = owner[at] or hit
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or owner[at] is not owner[start]:
            yield Piece(text[start:at], owner[start])
            start = at


def _where(segment: SegmentRow, text: str, hit: HitRow) -> tuple[int, int]:
    """Where a hit stands in the text: by its words, else by the time of the words it covers.

    (0, 0) where neither is there; the list of hits has it all the same.
    """
    wanted, places = clean(hit.text), list(_placed(segment, text))
    covered = [p for p in places if p[2] < hit.end_ms and p[3] > hit.start_ms]
    near = max(0, covered[0][0] - 2) if covered else 0
    at = text.find(wanted, near)
    if at < 0:
        at = text.find(wanted)
    if wanted and at >= 0:
        return at, at + len(wanted)
    return (covered[0][0], covered[-1][1]) if covered else (0, 0)


def _placed(segment: SegmentRow, text: str) -> Iterator[tuple[int, int, int, int]]:
    """Each word of the segment: from and to which character, from and to which ms."""
    start = 0
    for word in segment.words:
        spoken = clean(str(word.get("word", "")))
        at = text.find(spoken, start) if spoken else -1
        if at >= 0:
            start = at + len(spoken)
            yield at, start, int(word["start_ms"]), int(word["end_ms"])
