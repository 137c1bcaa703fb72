"""Keeps, during one call, what the signs that are not phrases have found. Pure.

Live, the sound says when the caller is quiet; of a transcript alone, where no words stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from callcenter.core.records import Known, Noticed, Party, Segment
from callcenter.scripts.condition import Found, Given, Measured, Sign, Silence
from callcenter.scripts.facts import TICK_WORDS
from callcenter.scripts.normalise import plain

PAUSE_MS = 2000
"""Loud speech goes on over a pause of this long."""
FEWEST = 8
"""Characters of the shortest segment whose pace is taken; it must also last SHORTEST_MS."""
SHORTEST_MS = 1000

Finds = dict[Sign, list[Found]]
SAYS = {
    "overlap": "30 秒内同时说话 {:.0f} 秒",
    "rise": "声音比开头高 {:.0f} 分贝",
    "level": "音量 {:.0f} dBFS",
    "pace": "每秒 {:.1f} 字",
    **{kind: f"座席听到{said}" for kind, said in TICK_WORDS.items()},
}


@dataclass
class _Run:
    """Speech that is loud enough, so far."""

    start_ms: int
    end_ms: int
    lasted_ms: int = 0
    told: bool = False


class Noticing:
    """What one call's notices and segments come to; every method gives what was found by it."""

    def __init__(self, signs: Iterable[Sign], known: Known) -> None:
        """`known` holds from the beginning: `given` is what was found in it."""
        signs = tuple(dict.fromkeys(signs))
        self.given = dict(_given(signs, known))
        self._measured = [sign for sign in signs if isinstance(sign, Measured)]
        self._greetings: dict[Silence, list[Segment]] = {
            sign: [] for sign in signs if isinstance(sign, Silence)
        }
        self._runs: dict[tuple[Measured, Party], _Run] = {}
        self._words: list[Segment] = []
        self._quiet: Noticed | None = None

    def heard(self, segment: Segment, fresh: Mapping[Sign, object]) -> Finds:
        """A finished segment, and the phrases that were found in it."""
        for sign, greetings in self._greetings.items():
            if sign.greeting in fresh:
                greetings.append(segment)
        if segment.party is Party.CALLER and self._greetings:
            self._words.append(segment)
        pace = _pace(segment)
        return self._measure(pace) if pace else {}

    def noticed(self, notice: Noticed) -> Finds:
        """Something in the sound, or what the agent ticked."""
        if notice.kind != "silence":
            return self._measure(notice)
        self._quiet = notice
        return self._silences(self._last_quiet(notice))

    def closed(self, end_ms: int) -> Finds:
        """The call's end: the last word on silences."""
        if self._quiet is not None:
            return self._silences(self._last_quiet(self._quiet))
        return self._silences(*self._without_words(end_ms))

    def _measure(self, notice: Noticed) -> Finds:
        return {
            sign: [found]
            for sign in self._measured
            if notice.kind in sign.kinds and notice.party in sign.parties
            for found in self._lasting(sign, notice)
        }

    def _lasting(self, sign: Measured, notice: Noticed) -> Iterator[Found]:
        """The find where there is enough of it, for long enough; once as long as it goes on."""
        run = self._runs.pop((sign, notice.party), None)
        if not notice.amount >= sign.least:
            return
        if run is None or not sign.for_ms or notice.start_ms - run.end_ms > PAUSE_MS:
            run = _Run(notice.start_ms, notice.end_ms)
        self._runs[sign, notice.party] = run
        run.end_ms = max(run.end_ms, notice.end_ms)
        run.lasted_ms += max(0, notice.end_ms - notice.start_ms)
        if run.lasted_ms >= sign.for_ms and not run.told:
            run.told = True
            said = SAYS.get(notice.kind, notice.kind).format(notice.amount)
            yield _found(notice.party, run.start_ms, run.end_ms, said, sign.operator)

    def _last_quiet(self, notice: Noticed) -> tuple[int, int]:
        """Since when the caller is quiet, by sound and words, and until when."""
        spoke = (word.end_ms for word in self._words if word.start_ms < notice.end_ms)
        return max(notice.start_ms, *spoke, 0), notice.end_ms

    def _without_words(self, end_ms: int) -> Iterator[tuple[int, int]]:
        """The stretches of the call in which the caller said no words."""
        since = 0
        for word in sorted(self._words, key=lambda word: word.start_ms):
            yield since, word.start_ms
            since = max(since, word.end_ms)
        yield since, end_ms

    def _silences(self, *quiet: tuple[int, int]) -> Finds:
        found = {
            sign: [one for since, until in quiet for one in _greeted(sign, greetings, since, until)]
            for sign, greetings in self._greetings.items()
        }
        return {sign: finds for sign, finds in found.items() if finds}


def _given(signs: Iterable[Sign], known: Known) -> Iterator[tuple[Sign, list[Found]]]:
    for sign in signs:
        says = sign.says(known) if isinstance(sign, Given) else ""
        if says:
            yield sign, [Found(Party.CALLER, 0, 0, 0, 0, says, "", operator="given")]


def _pace(segment: Segment) -> Noticed | None:
    """How fast it was said, where it is long enough to tell."""
    count, lasted_ms = len(plain(segment.text)), segment.end_ms - segment.start_ms
    if count < FEWEST or lasted_ms < SHORTEST_MS:
        return None
    amount = count * 1000 / lasted_ms
    return Noticed("pace", segment.party, segment.start_ms, segment.end_ms, amount)


def _greeted(sign: Silence, greetings: list[Segment], since: int, until: int) -> Iterator[Found]:
    """A find where the agent greeted often enough in this quiet, and it went on for long enough."""
    within = [one for one in greetings if since <= one.end_ms <= until]
    if len(within) < sign.times:
        return
    begun = within[sign.times - 1].end_ms
    if until - begun >= sign.for_ms:
        said = f"问候 {sign.times} 次，{sign.for_ms // 1000} 秒没有回应"
        yield _found(Party.CALLER, within[0].start_ms, begun + sign.for_ms, said, "silence")


def _found(party: Party, start_ms: int, end_ms: int, said: str, operator: str) -> Found:
    """A moment counts as a millisecond: a find of no length would be told twice."""
    return Found(party, 0, 0, start_ms, max(end_ms, start_ms + 1), f"〔{said}〕", "", 1.0, operator)
