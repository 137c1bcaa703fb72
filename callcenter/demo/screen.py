"""Shows the demo in the terminal as it happens: colours on a screen, plain lines in a pipe."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from callcenter.core import events
from callcenter.core.numbers import mask
from callcenter.core.records import Hit, Party, Segment
from callcenter.demo.scenarios import Scenario
from callcenter.scripts import opinion
from callcenter.web.pages.words import category, group, word

NAMES = {Party.CALLER: "来电", Party.AGENT: "座席"}
STYLES = {Party.CALLER: "bold", Party.AGENT: "blue"}
HIT_STYLES = {"harassment": "bold red underline", "complaint": "bold dark_orange underline"}


class Screen:
    """Prints events of one call after the other."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._hits: list[Hit] = []
        self._pending: Segment | None = None
        """The last sentence, held back until its hits are known."""
        self._pending_hits: list[Hit] = []

    def heading(self, number: int, of: int, scenario: Scenario) -> None:
        """A new call is about to ring."""
        self._hits = []
        title = f"{number}/{of} {scenario.title}  {mask(scenario.caller_number)}"
        self._console.print()
        self._console.rule(Text(title, "bold"), align="left")

    def show(self, event: events.Event) -> None:
        """One line for each event that a person at the desk would see."""
        if isinstance(event, events.HitFound):
            self._found(event.hit)
            return
        self._flush()
        match event:
            case events.CallAnswered():
                who = f"座席 {event.agent} 接听" if event.agent else "系统接听（黑名单，不进座席）"
                self._line("", Text(f"☎ {who}"))
            case events.SegmentHeard():
                self._pending = event.segment
            case events.TerminationProposed():
                proposal = f"⚑ 建议终止：{event.evidence}（{category(event.reason)}）"
                self._line("", Text(proposal, "red"))
            case events.TerminationConfirmed():
                self._line("", Text(f"✔ {event.agent} 确认终止，麦克风已关闭", "magenta"))
            case _:
                self._show_rest(event)

    def _show_rest(self, event: events.Event) -> None:
        match event:
            case events.PromptStarted():
                self._line("", Text(f"♪ 播放{word('prompt', event.name)}", "magenta"))
            case events.PromptEnded():
                sent = f"♪ {word('prompt_short', event.name)} 已送出"
                sent += f" {event.sent_ms}/{event.file_ms} 毫秒"
                self._line("", Text(sent, "magenta"))
            case events.WorkOrderLinked():
                self._line("", Text(f"▤ 工单 {event.number}（{word('type', event.type)}）", "cyan"))
            case events.CallEnded():
                by, what = word("ended_by", event.ended_by), word("disposition", event.disposition)
                self._line("", Text(f"■ {by}挂断，{what}"))

    def outcome(self, wrong: list[str]) -> None:
        """Whether the call went as it should."""
        self._flush()
        if not wrong:
            self._console.print(Text("  ✓ 符合预期", "green"))
        for sentence in wrong:
            self._console.print(Text(f"  ✗ {sentence}", "red"))

    def _flush(self) -> None:
        segment, self._pending = self._pending, None
        if segment is not None:
            self._said(segment)
        hits, self._pending_hits = self._pending_hits, []
        for hit in hits:
            self._hit(hit)

    def _found(self, hit: Hit) -> None:
        """A hit in words still being said is told at once, one in a sentence after it."""
        self._hits.append(hit)
        if self._pending is None:
            self._hit(hit)
        else:
            self._pending_hits.append(hit)

    def _said(self, segment: Segment) -> None:
        text = Text(segment.text)
        for hit in self._hits if segment.party is Party.CALLER else ():
            if hit.rule != opinion.RULE:  # the judge's opinion is of the whole sentence
                style = HIT_STYLES.get(group(hit.category), "bold underline")
                text.highlight_words([hit.text], style)
        seconds = segment.start_ms / 1000
        moment = f"{int(seconds) // 60:02}:{seconds % 60:04.1f}"
        self._line(moment, Text(f"{NAMES[segment.party]} ", STYLES[segment.party]) + text)

    def _hit(self, hit: Hit) -> None:
        style = HIT_STYLES.get(group(hit.category), "bold underline")
        found = f"● 命中 {category(hit.category)}：{hit.text}"
        self._line("", Text(found, style.replace(" underline", "")))

    def _line(self, moment: str, text: Text) -> None:
        self._console.print(Text.assemble((f"  {moment:>7}  ", "dim"), text))
