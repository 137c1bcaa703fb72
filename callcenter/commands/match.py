"""`callcenter match`: what lines of text are, and what is found in them; JSONL in and out."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TextIO

from callcenter.commands.match_facts import BadFacts, Facts, read_facts
from callcenter.core.ports import Listener
from callcenter.core.records import NOTHING_KNOWN, Hit, Known, Party, Segment
from callcenter.scripts.book import Book

MS_A_CHARACTER = 200
"""Text has no times: a character counts as long as it takes to say."""
PAUSE_MS = 500
"""Between two lines of a call."""
EXPECTED = 'expected {"id": …, "text": "…"}'


@dataclass
class Call:
    """One call's lines as far as they were read; a line without `call_id` is a call of its own."""

    listener: Listener
    known: Known = NOTHING_KNOWN
    closed: bool = False
    at_ms: int = 0
    said: list[str] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)


@dataclass
class Answer:
    """A line out that waits for its call to be whole; `error` where the line was bad."""

    name: Any
    call: Call | None
    hits: list[Hit]
    error: str = ""

    @property
    def ready(self) -> bool:
        """True where nothing that is still to be read can change it."""
        return self.call is None or self.call.closed


def match(lines: Iterable[str], out: TextIO, book: Book) -> int:
    """One line out for each line in, in order; exit 1 where a line was bad.

    Lines of the same `call_id` get their call's label and score, and their own hits; they, and
    what follows them, are told when the input ends. A bad line gives {"id": null, "error": …}.
    """
    failed = False
    calls: dict[str, Call] = {}
    waiting: deque[Answer] = deque()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        answer = read(line, number, book, calls)
        failed = failed or bool(answer.error)
        waiting.append(answer)
        _tell(waiting, out, book)
    for call in calls.values():
        _close(call)
    _tell(waiting, out, book)
    return 1 if failed else 0


def read(line: str, number: int, book: Book, calls: dict[str, Call]) -> Answer:
    """Hear one line in its call; what was new in it."""
    try:
        entry = json.loads(line)
        name, text, call_id = entry["id"], entry["text"], entry.get("call_id")
        party = Party(entry.get("party") or "caller")
        if not isinstance(text, str) or not isinstance(call_id, str | int | None):
            raise TypeError
        facts = read_facts(entry.get("facts"))
        call = _call(call_id, book, calls, facts.known)
    except BadFacts as error:
        return Answer(None, None, [], f"line {number}: {error}")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Answer(None, None, [], f"line {number}: {EXPECTED}")
    hits = _hear(call, party, text, facts)
    if call_id is None:
        hits += _close(call)
    return Answer(name, call, hits)


def _call(call_id: str | int | None, book: Book, calls: dict[str, Call], known: Known) -> Call:
    """The call that a line belongs to. Raises BadFacts where it was begun knowing otherwise."""
    if call_id is None:
        return Call(book.listener(known), known)
    if str(call_id) not in calls:
        calls[str(call_id)] = Call(book.listener(known), known)
    call = calls[str(call_id)]
    if known not in (NOTHING_KNOWN, call.known):
        raise BadFacts("facts known before a call are others on its first line; expected the same")
    return call


def _hear(call: Call, party: Party, text: str, facts: Facts) -> list[Hit]:
    end_ms = call.at_ms + len(text) * MS_A_CHARACTER
    hits = list(call.listener.heard(Segment(party, call.at_ms, end_ms, text)))
    for notice in facts.notices(party, call.at_ms, end_ms):
        hits += call.listener.noticed(notice)
    end_ms += facts.silence_ms
    call.at_ms = end_ms + PAUSE_MS
    call.hits += hits
    if party is Party.CALLER:
        call.said.append(text)
    return hits


def _close(call: Call) -> list[Hit]:
    late = list(call.listener.closed(max(call.at_ms - PAUSE_MS, 0)))
    call.hits += late
    call.closed = True
    return late


def _tell(waiting: deque[Answer], out: TextIO, book: Book) -> None:
    while waiting and waiting[0].ready:
        print(_as_line(waiting.popleft(), book), file=out, flush=True)


def _as_line(answer: Answer, book: Book) -> str:
    call = answer.call
    if call is None:
        return json.dumps({"id": answer.name, "error": answer.error}, ensure_ascii=False)
    verdict = book.weigh(call.hits, call.said)
    hits = [_as_dict(hit) for hit in answer.hits]
    told = {"id": answer.name, "label": verdict.label, "score": verdict.score, "hits": hits}
    line = json.dumps(told, ensure_ascii=False)
    # Half a surrogate pair is good JSON and no UTF-8.
    return line if line.isascii() or _writable(line) else json.dumps(told)


def _writable(line: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in line)


def _as_dict(hit: Hit) -> dict[str, Any]:
    return {
        "rule": hit.rule,
        "category": hit.category,
        "party": hit.party.value,
        "text": hit.text,
        "operator": hit.operator,
        "score": hit.score,
        "severity": hit.severity,
        "why": hit.why,
    }
