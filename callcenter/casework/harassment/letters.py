"""Drafts of the letters in a case (H22): warning, report to carrier, report to police.

A draft is for a person to read, change and send; what they sent is kept with the case. Reads the
templates in casework/letters/.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callcenter.casework.harassment.cases import REPORT_CARRIER, REPORT_POLICE, WARN
from callcenter.core.errors import Refused
from callcenter.core.numbers import group
from callcenter.store.case_tables import HarassmentCase
from callcenter.store.tables import Call

KINDS = (WARN, REPORT_CARRIER, REPORT_POLICE)
MOST_TIMES = 60
"""The longest list of calls in a letter; the evidence package has them all."""

# Plain text, not markup: nothing is escaped, and the page shows it in a text field.
_environment = Environment(  # noqa: S701
    loader=FileSystemLoader(Path(__file__).parent / "letter_texts"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
)


def draft(case: HarassmentCase, kind: str, at: datetime) -> str:
    """The letter as a draft; its times are in the zone of `at`.

    Raises Refused for an unknown kind, and for a warning to a number that is not known.
    """
    if kind not in KINDS:
        raise Refused(f"there is no letter {kind!r}; expected one of: {', '.join(KINDS)}")
    if kind == WARN and not case.caller_number:
        raise Refused("a warning needs the source's number; it is withheld and not yet recovered")
    template = _environment.get_template(f"{kind}.txt")
    return template.render(
        case=case,
        number=group(case.caller_number) or "（来电隐藏号码）",
        times=[_line(call, at) for call in case.calls[:MOST_TIMES]],
        calls=len(case.calls),
        recorded=sum(bool(call.recording and call.recording.path) for call in case.calls),
        callee=" / ".join(sorted({call.callee_number for call in case.calls})),
        warned=_warned(case, at),
        day=f"{at.year} 年 {at.month} 月 {at.day} 日",
    )


def _line(call: Call, at: datetime) -> str:
    moment = f"{call.rang_at.astimezone(at.tzinfo):%Y-%m-%d %H:%M:%S}"
    if call.answered_at is None or call.ended_at is None:
        return f"{moment}，未接通"
    length = round((call.ended_at - call.answered_at).total_seconds())
    return f"{moment}，通话 {length // 60} 分 {length % 60} 秒"


def _warned(case: HarassmentCase, at: datetime) -> Sequence[str]:
    return [
        f"{action.at.astimezone(at.tzinfo):%Y-%m-%d}"
        for action in case.actions
        if action.action == WARN
    ]
