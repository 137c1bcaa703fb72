"""`callcenter match`: which patterns stand in lines of text; JSONL in, JSONL out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from callcenter.core.records import Hit, Party, Segment
from callcenter.scripts.book import Book

MS_A_CHARACTER = 200
"""Text has no times: a character counts as long as it takes to say."""


def match(lines: Iterable[str], out: TextIO, book: Book) -> int:
    """One line out for each line in; a bad line gives {"id": null, "error": …} and exit 1."""
    failed = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        answer = answer_to(line, number, book)
        failed = failed or "error" in answer
        print(json.dumps(answer, ensure_ascii=False), file=out, flush=True)
    return 1 if failed else 0


def answer_to(line: str, number: int, book: Book) -> dict[str, Any]:
    """`{"id","text"}` → `{"id","label","hits":[…]}`."""
    try:
        entry = json.loads(line)
        name, text = entry["id"], entry["text"]
        if not isinstance(text, str):
            raise TypeError
    except (ValueError, TypeError, KeyError):
        return {"id": None, "error": f'line {number}: expected {{"id": …, "text": "…"}}'}
    said = Segment(Party.CALLER, 0, len(text) * MS_A_CHARACTER, text)
    hits = book.listener().heard(said)
    return {"id": name, "label": label(hits, book), "hits": [_as_dict(hit) for hit in hits]}


def label(hits: Iterable[Hit], book: Book) -> str:
    """harassment where anything is, else complaint, else ordinary."""
    groups = {book.group(hit.category) for hit in hits}
    return next((group for group in ("harassment", "complaint") if group in groups), "ordinary")


def _as_dict(hit: Hit) -> dict[str, str]:
    return {"rule": hit.rule, "category": hit.category, "text": hit.text}
