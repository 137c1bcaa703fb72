"""What the demo shows in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from callcenter.core import events
from callcenter.core.records import Hit, Party, Segment
from callcenter.demo.screen import Screen

AT = datetime(2026, 11, 22, tzinfo=UTC)
SAID = "你们质量太差我要退货"
SEEN = (
    events.WorkOrderLinked("c", AT, "WO-1", "complaint", "system"),
    events.HitFound("c", AT, Hit("quality", "quality", Party.CALLER, 600, 900, "质量太差")),
    events.SegmentHeard("c", AT, Segment(Party.CALLER, 61_250, 64_000, SAID)),
    events.HitFound("c", AT, Hit("judge", "likely_complaint", Party.CALLER, 600, 900, SAID)),
    events.PromptStarted("c", AT, "line_fault", 5709),
    events.CallEnded("c", AT, "caller", "answered", "complaint"),
)


def shown(colours: bool) -> list[str]:
    out = StringIO()
    kind = {"color_system": "truecolor", "force_terminal": True} if colours else {}
    screen = Screen(Console(file=out, highlight=False, width=80, **kind))
    for event in SEEN:
        screen.show(event)
    screen.outcome([])
    return out.getvalue().splitlines()


def test_plain_lines_in_the_words_of_the_pages():
    assert [line.strip() for line in shown(colours=False)] == [
        "▤ 工单 WO-1（投诉）",
        "● 命中 投诉 · 质量：质量太差",
        f"01:01.2  来电 {SAID}",
        f"● 命中 投诉 · 像投诉：{SAID}",
        "♪ 播放提示 A · 线路故障",
        "■ 来电人挂断，投诉",
        "✓ 符合预期",
    ]


def test_on_a_screen_the_words_that_were_found_stand_out_in_their_sentence():
    sentence = next(line for line in shown(colours=True) if "我要退货" in line)
    assert "\x1b[1;4;38;5;208m质量太差\x1b[0m" in sentence
    assert sentence.endswith("\x1b[1m我要退货\x1b[0m")  # the rest neither dimmed nor underlined
