"""Rules to be tried on whole calls: those of the packs on disk, or with a draft among them.

Reads pack files only. What only a call's sound shows (overlap, loudness, phrases picked out of the
sound) is not in a transcript, so rules that ask for it find nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from callcenter.core.errors import PackError
from callcenter.core.records import Party
from callcenter.core.trials import Draft, HeardCall, Judged, RuleInForce
from callcenter.scripts.book import pack_files, read_pack
from callcenter.scripts.match import CallListener, Matcher
from callcenter.scripts.pack import Rule, parse_pack, unique
from callcenter.scripts.verdict import weigh

Score = Callable[[str], Mapping[str, float]]
"""What the statistical judge says of something said; see scripts.judge."""


class Trial:
    """Some rules, made ready to judge any number of calls; implements core.trials.Rules."""

    def __init__(self, rules: Iterable[Rule], score: Score | None = None) -> None:
        """Without `score` the rules stand alone."""
        self._rules = tuple(rules)
        self._score = score
        self._matcher = Matcher(self._rules)
        self._groups = {rule.category: rule.group for rule in reversed(self._rules)}

    def listed(self) -> Sequence[RuleInForce]:
        """Every rule, pack by pack."""
        return tuple(map(as_listed, self._rules))

    def judge(self, call: HeardCall) -> Judged:
        """What one call comes to, as live and at its end."""
        listener = CallListener(self._matcher, call.known)
        hits = [hit for segment in call.segments for hit in listener.heard(segment)]
        hits += [hit for notice in call.noticed for hit in listener.noticed(notice)]
        hits += listener.closed(call.end_ms)
        return Judged(weigh(hits, self._group, self._opinions(call)).label, tuple(hits))

    def _opinions(self, call: HeardCall) -> list[Mapping[str, float]]:
        """The judge's, of each thing that the caller said."""
        said = (s.text for s in call.segments if s.party is Party.CALLER and s.text)
        return [self._score(text) for text in said] if self._score else []

    def _group(self, category: str) -> str:
        return self._groups.get(category, "")


def as_listed(rule: Rule) -> RuleInForce:
    """A rule as people read it."""
    return RuleInForce(rule.file, rule.name, rule.category, rule.group, rule.severity, rule.why)


def read_draft(draft: Draft, folder: Path) -> list[Rule]:
    """The rules of `folder`, with the draft in place of the pack of its name, else beside them.

    Raises PackError: file, entry and reason.
    """
    others = [rule for file in pack_files(folder) if file.name != draft.name
              for rule in read_pack(file)]  # fmt: skip
    return unique([*others, *drafted(draft, others)])


def drafted(draft: Draft, others: Iterable[Rule]) -> list[Rule]:
    """The draft's own rules, to stand beside these. Raises PackError: file, entry and reason."""
    rules = unique(parse_pack(draft.text, draft.name))
    standing = {rule.name: rule.file for rule in others}
    for i, rule in enumerate(rules):
        if rule.name in standing:
            raise PackError(
                f"{draft.name}: rule {i + 1} ({rule.name}): stands in {standing[rule.name]} too; "
                f"expected another name, or the draft to be called {standing[rule.name]}"
            )
    return rules


def problems(folder: Path) -> list[str]:
    """What is wrong with the packs on disk, one sentence for each bad file."""
    told: list[str] = []
    good: list[Rule] = []
    try:
        for file in pack_files(folder):
            try:
                good += read_pack(file)
            except PackError as error:
                told.append(str(error))
        unique(good)
    except PackError as error:
        told.append(str(error))
    return told
