from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from callcenter.casework.webhooks import forms
from callcenter.casework.webhooks.facts import fact_of, topic_of
from callcenter.casework.webhooks.forms import Told
from callcenter.config.webhooks import SECRET
from callcenter.core import events
from callcenter.core.event import Event
from callcenter.core.records import Hit, Party, RecordingInfo
from callcenter.core.webhooks import TOPICS
from callcenter.post import webhook
from callcenter.store.kinds import KINDS
from tests.casework.conftest import after

CALL = Told(
    "call.rang", after(0), {"agent": ""}, "c1", "inbound", "front", "13800000001", "4008000000"
)
ANSWERED = replace(
    CALL, type="call.answered", data={"agent": "8001"}, answered_by="8001", was_answered=True
)
ENDED = replace(ANSWERED, type="call.ended", data={"call_result": "answered"})


def told(form: forms.Form, fact: Told, masked: bool = False) -> Any:
    names = {"8001": "王芳"}
    made = forms.body(form, fact, lambda number: names.get(number, number), masked=masked)
    return None if made is None else json.loads(made)


def test_zammads_three_events() -> None:
    """Field by field as https://docs.zammad.org/en/latest/api/generic-cti/ has them."""
    same = {"from": "8613800000001", "to": "864008000000", "direction": "in", "callId": "c1"}
    assert told("zammad", CALL) == {"event": "newCall", **same, "queue": "front"}
    by = {"user": "王芳", "answeringNumber": "8001"}
    assert told("zammad", ANSWERED) == {"event": "answer", **same, **by}
    assert told("zammad", ENDED) == {"event": "hangup", **same, **by, "cause": "normalClearing"}
    assert told("zammad", replace(CALL, type="call.transferred")) is None
    assert not forms.takes("zammad", "call.transferred")
    assert forms.takes("own", "call.transferred")


def test_a_call_out_in_zammads_words() -> None:
    out = replace(CALL, direction="outbound", data={"agent": "8001"})
    made = told("zammad", out, masked=True)
    assert (made["direction"], made["user"]) == ("out", "王芳")
    assert (made["from"], made["to"]) == ("8613800000001", "40******00")


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        ("abandoned", "cancel"),
        ("rejected", "noAnswer"),
        ("blocked", "noAnswer"),
        ("busy", "busy"),
        ("no_answer", "noAnswer"),
        ("not_found", "notFound"),
        ("unreachable", "congestion"),
        ("cancelled", "cancel"),
        ("interrupted", "congestion"),
        ("something new", "normalClearing"),
    ],
)
def test_why_a_call_that_nobody_had_ended(result: str, cause: str) -> None:
    ended = replace(CALL, type="call.ended", data={"call_result": result})
    assert told("zammad", ended)["cause"] == cause


def test_a_withheld_number_is_anonymous() -> None:
    hidden = replace(CALL, caller_number="anonymous")
    for masked in (True, False):
        assert told("zammad", hidden, masked)["from"] == "anonymous"
    assert told("zammad", replace(CALL, caller_number="sip-user"))["from"] == "sip-user"


def test_our_own_form_names_the_call_and_hides_its_number() -> None:
    assert told("own", ANSWERED, masked=True) == {
        "type": "call.answered",
        "timestamp": "2025-03-04T12:00:00+00:00",
        "data": {
            "agent": "8001",
            "agent_name": "王芳",
            "direction": "inbound",
            "line": "front",
            "caller_number": "138****0001",
            "callee_number": "4008000000",
            "call_id": "c1",
        },
    }
    assert told("own", ANSWERED)["data"]["caller_number"] == "13800000001"
    step = Told("customer.note", after(0), {"number": "KH-1"})
    assert told("own", step)["data"] == {"number": "KH-1"}


HIT = Hit("insult-1", "insult", Party.CALLER, 0, 900, "你这个骗子")
CALL_OF = ("c1", after(0))
FACTS: list[tuple[Event, str]] = [
    (events.CallRang(*CALL_OF, "13800000001", "400", "front"), "call.rang"),
    (events.CallAnswered(*CALL_OF, "8001"), "call.answered"),
    (events.TransferDone(*CALL_OF, "8001", "13800000001", True), "call.transferred"),
    (events.CallEnded(*CALL_OF, "caller", "answered", ""), "call.ended"),
    (events.HitFound(*CALL_OF, HIT), "flag.found"),
    (
        events.TerminationProposed(*CALL_OF, "骗子", "line_fault", "骗"),
        "termination.proposed",
    ),
    (events.ProposalDismissed(*CALL_OF, "8001"), "termination.dismissed"),
    (events.TerminationConfirmed(*CALL_OF, "8001", "line_fault"), "termination.confirmed"),
    (events.TerminationUndone(*CALL_OF, "8001"), "termination.undone"),
    (events.TranscriptCompleted(*CALL_OF), "recording.transcribed"),
    (
        events.RecordingClosed(*CALL_OF, RecordingInfo("a.wav", 3.0, 2, "0" * 64)),
        "recording.closed",
    ),
    (events.VerdictGiven(*CALL_OF, "harassment", "骗子", "李"), "verdict.given"),
    (events.WorkOrderLinked(*CALL_OF, "WO-1", "service", "system"), "work_order.linked"),
    (events.BlockProposed(*CALL_OF, "13800000001", 3, "骗子", False), "block.proposed"),
    (events.BlockDecided(*CALL_OF, "13800000001", True, "李", "骗子", after(9)), "block.decided"),
    (events.BlockLifted("", after(0), "13800000001", "李", "骗子"), "block.lifted"),
    (
        events.CaseOpened(*CALL_OF, "HC-1", "13800000001", "shown", "李", ("c1",), "骗子"),
        "case.opened",
    ),
    (events.CaseActionTaken(*CALL_OF, "HC-1", "note", "李", "骗子", "a", "b"), "case.changed"),
    (
        events.RecordStepped(
            "", after(0), "customer", "KH-1", "note", "李", "open", 1, {"phone": "13800000001"}
        ),
        "customer.note",
    ),
]


@pytest.mark.parametrize(("event", "type"), FACTS, ids=[type for _, type in FACTS])
def test_what_each_event_is_called_and_that_neither_numbers_nor_words_are_told(
    event: Event, type: str
) -> None:
    fact = fact_of(event)
    assert fact is not None
    assert fact.type == type
    assert fact.subject
    text = json.dumps(dict(fact.data), ensure_ascii=False)
    assert "13800000001" not in text
    assert "骗子" not in text


def test_what_nobody_is_told_of() -> None:
    banned = replace(HIT, category="banned")
    quiet: list[Event] = [
        events.HitFound(*CALL_OF, banned),
        events.WorkOrderLinked(*CALL_OF, "", "service", "system"),
        events.RecoveryBreakOffered(*CALL_OF, "8001"),
        events.RecordStepped("", after(0), "account", "AC-1", "request", "李", "open", 0, {}),
    ]
    assert [fact_of(event) for event in quiet] == [None] * 4


def test_the_topics_are_those_of_the_facts_and_records() -> None:
    records = {"customer", "work_order", "complaint", "follow_up", "message", "review"}
    assert records <= set(KINDS)
    assert {topic_of(type) for _, type in FACTS} | records == set(TOPICS)
    assert webhook.SECRET == SECRET
