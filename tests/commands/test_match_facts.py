"""Facts beside a line of `callcenter match`."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.commands.match import match
from callcenter.commands.match_facts import BadFacts, Facts, read_facts
from callcenter.core.records import CallerHistory, Known, Noticed, Party
from callcenter.scripts.book import Book

PACK = """
group = "harassment"
greetings = ["您好", "听得到吗"]
[[rule]]
name = "night"
category = "sexual"
any = ["宝贝"]
time_of_day = "22:00-06:00"
calls_24h = 3
[[rule]]
name = "silent"
category = "silent"
silence = { after_greetings = 2, seconds = 5 }
[[rule]]
name = "laughs"
category = "prank"
ticked = ["laughter"]
[[rule]]
name = "shouts"
category = "insult"
loud = { rise_db = 10, seconds = 2 }
"""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    (tmp_path / "p.toml").write_text(PACK, "utf-8")
    return Book(tmp_path)


def told(book: Book, *lines: dict[str, Any]) -> list[Any]:
    """The rules that each line hit, or its error."""
    out = StringIO()
    numbered = [{"id": number, **line} for number, line in enumerate(lines)]
    match([json.dumps(line) for line in numbered], out, book)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    return [a.get("error") or [hit["rule"] for hit in a["hits"]] for a in answers]


def test_what_is_known_before_the_call(book: Book):
    night = {"time": "23:10", "calls_24h": 3}
    assert told(
        book,
        {"text": "宝贝"},
        {"text": "宝贝", "facts": night},
        {"text": "宝贝", "facts": {**night, "calls_24h": 2}},
        {"text": "宝贝", "facts": None},
    ) == [[], ["night"], [], []]


def test_what_is_known_stands_on_the_first_line_of_a_call(book: Book):
    night = {"time": "23:10", "calls_24h": 3}
    assert told(
        book,
        {"call_id": 1, "text": "喂", "facts": night},
        {"call_id": 1, "text": "宝贝"},
        {"call_id": 1, "text": "小宝贝", "facts": night},
        {"call_id": 1, "text": "喂", "facts": {"time": "12:00"}},
    ) == [
        [],
        ["night"],
        ["night"],
        "line 4: facts known before a call are others on its first line; expected the same",
    ]


def test_h7_what_is_noticed_in_a_line(book: Book):
    assert told(
        book,
        {"text": "哈哈", "facts": {"ticked": ["laughter"]}},
        {"text": "你们到底管不管我的事", "facts": {"rise_db": 12.5}},
        {"text": "你们", "facts": {"rise_db": 12.5}},
        {
            "text": "喂",
            "facts": {"ticked": ["several_voices"], "dbfs": -9, "pace": 8, "overlap_s": 2},
        },
    ) == [["laughs"], ["shouts"], [], []]


def test_silence_after_a_line(book: Book):
    hello = {"call_id": "c", "party": "agent", "text": "您好"}
    silent = {**hello, "text": "听得到吗", "facts": {"silence_s": 6}}
    assert told(book, hello, silent) == [[], ["silent"]]
    caller = {"call_id": "c", "text": "在的"}
    assert told(book, hello, caller, silent) == [[], [], []]


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (3, "facts is 3; expected an object"),
        ({"weather": 1}, "facts has 'weather'; expected time, calls_24h"),
        ({"time": "25:00"}, "time is '25:00'; expected a time such as 22:41"),
        ({"time": "2241"}, "time is '2241'; expected a time such as 22:41"),
        ({"time": 22}, "time is 22; expected a time such as 22:41"),
        ({"calls_24h": -1}, "calls_24h is -1; expected a whole number, 0 or more"),
        ({"calls_24h": True}, "calls_24h is True; expected a whole number"),
        ({"known_customer": 1}, "known_customer is 1; expected true or false"),
        ({"last_verdict": "guilty"}, "last_verdict is 'guilty'; expected harassment, complaint"),
        ({"last_verdict": []}, r"last_verdict is \[\]; expected"),
        ({"ticked": "laughter"}, "ticked is 'laughter'; expected a list of laughter"),
        ({"ticked": [["laughter"]]}, "expected a list of laughter, several_voices"),
        ({"silence_s": -1}, "silence_s is -1; expected 0 to 86400"),
        ({"pace": True}, "pace is True; expected a number"),
        ({"pace": "fast"}, "pace is 'fast'; expected a number"),
        ({"dbfs": float("nan")}, "dbfs is nan; expected -100 to 0"),
    ],
)
def test_a_bad_fact_is_an_error_line(book: Book, facts: object, error: str):
    with pytest.raises(BadFacts, match=error):
        read_facts(facts)
    bad, good = told(book, {"text": "喂", "facts": facts}, {"text": "喂"})
    assert bad.startswith("line 1: facts")
    assert good == []


def test_the_facts_as_records():
    facts = read_facts({"time": "05:00", "withheld": True, "last_verdict": "complaint"})
    assert facts == Facts(Known(CallerHistory(last_verdict="complaint"), time(5), True))
    (silence,) = read_facts({"silence_s": 2.5}).notices(Party.AGENT, 1000, 1400)
    assert silence == Noticed("silence", Party.CALLER, 0, 3900, 2.5)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("time", "calls_24h", "withheld", "ticked", "overlap_s", "dbfs", "pace", "silence_s")


@given(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON)
def test_whatever_stands_there_it_is_read_or_refused(value: object):
    with suppress(BadFacts):
        facts = read_facts(value)
        assert all(isinstance(n, Noticed) for n in facts.notices(Party.CALLER, 0, 10))
