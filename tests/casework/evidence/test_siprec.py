from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

import pytest

from callcenter.casework.evidence.siprec import NAMESPACE, OWN, metadata
from callcenter.store.tables import Call, Handling, RecordingRow

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NS = {"r": NAMESPACE, "cc": OWN}
ORDER = [
    *("datamode", "session", "participant", "stream", "sessionrecordingassoc"),
    *("participantsessionassoc", "participantstreamassoc", "file"),
]
"""The order that the schema of RFC 7865 §10 asks for, then what others may add."""


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def call(*handling: Handling, agent: str = "8001", answered: bool = True) -> Call:
    made = Call(
        call_id="c1",
        direction="inbound",
        line="front",
        caller_number="13800000001",
        callee_number="4008200001",
        agent=agent,
        rang_at=after(0),
        answered_at=after(4) if answered else None,
        ended_at=after(64),
    )
    made.handling = list(handling)
    if answered:
        made.recording = RecordingRow(path="a.wav", seconds=60.0, channels=2, sha256="5f" * 32)
    return made


def deed(seconds: float, kind: str, actor: str, other: str = "", how: str = "") -> Handling:
    return Handling(at=after(seconds), kind=kind, actor=actor, other=other, how=how, text="")


def told(made: Call, number: str = "13800000001") -> Xml.Element:
    document = metadata(made, number, {"8001": "王芳", "8002": "李静"}.get)  # type: ignore[arg-type]
    root = Xml.fromstring(document)
    names = [child.tag.partition("}")[2] for child in root]
    assert names == sorted(names, key=ORDER.index)
    return root


def spans(root: Xml.Element) -> list[tuple[str | None, str | None, str | None]]:
    """Each participant's address, and from when until when they were in."""
    found = []
    for one in root.findall("r:participant", NS):
        key = one.get("participant_id")
        (times,) = root.findall(f"r:participantsessionassoc[@participant_id='{key}']", NS)
        begin, end = (
            times.findtext(f"r:{n}-time", None, NS) for n in ("associate", "disassociate")
        )
        name = one.find("r:nameID", NS)
        assert name is not None
        found.append((name.get("aor"), begin, end))
    return found


def at(seconds: float) -> str:
    return after(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_call_has_a_session_two_people_and_two_channels() -> None:
    root = told(call())
    assert root.tag == f"{{{NAMESPACE}}}recording"
    assert root.findtext("r:datamode", None, NS) == "complete"
    assert root.findtext("r:session/r:start-time", None, NS) == at(4)
    assert root.findtext("r:session/r:stop-time", None, NS) == at(64)
    assert spans(root) == [
        ("tel:+8613800000001", at(0), at(64)),
        ("sip:8001@callcenter.invalid", at(4), at(64)),
    ]
    assert root.findtext("r:participant[2]/r:nameID/r:name", None, NS) == "王芳"
    assert [one.text for one in root.findall("r:stream/r:label", NS)] == ["1", "2"]
    first, second = (one.get("stream_id") for one in root.findall("r:stream", NS))
    caller, agent = root.findall("r:participantstreamassoc", NS)
    assert (caller.findtext("r:send", None, NS), caller.findtext("r:recv", None, NS)) == (
        first,
        second,
    )
    assert agent.findtext("r:send", None, NS) == second
    file = root.find("cc:file", NS)
    assert file is not None
    assert (file.get("sha256"), file.get("seconds")) == ("5f" * 32, "60.00")


def test_ids_are_uuids_in_base64_and_last() -> None:
    first, again = told(call()), told(call())
    ids = [one.get("participant_id") for one in first.findall("r:participant", NS)]
    assert ids == [one.get("participant_id") for one in again.findall("r:participant", NS)]
    assert all(len(base64.b64decode(one or "")) == 16 for one in ids)


def test_who_had_the_call_one_after_the_other_and_who_listened() -> None:
    made = call(
        deed(20, "transferred", "8001", "8002"),
        deed(25, "joined", "陈静", how="listen"),
        deed(30, "left", "陈静"),
        agent="8002",
    )
    assert spans(told(made))[1:] == [
        ("sip:8001@callcenter.invalid", at(4), at(20)),
        ("sip:8002@callcenter.invalid", at(20), at(64)),
        ("sip:%E9%99%88%E9%9D%99@callcenter.invalid", at(25), at(30)),
    ]
    listens = told(made).findall("r:participantstreamassoc", NS)[-1]
    assert [one.tag.partition("}")[2] for one in listens] == ["recv", "recv"]


def test_a_call_that_left_the_house_has_nobody_of_ours_any_more() -> None:
    made = call(deed(20, "transferred", "8001", "13900000001", "outside"))
    assert [span[2] for span in spans(told(made))] == [at(64), at(20)]
    assert "13900000001" not in metadata(made, "", str).decode()


def test_a_call_that_nobody_answered_has_no_streams() -> None:
    root = told(call(agent="", answered=False))
    assert len(spans(root)) == 1
    assert root.findall("r:stream", NS) == []
    assert root.find("cc:file", NS) is None


@pytest.mark.parametrize(
    ("number", "aor"),
    [
        ("", "sip:anonymous@anonymous.invalid"),
        ("anonymous", "sip:anonymous@anonymous.invalid"),
        ("138****0001", "tel:138****0001;phone-context=+86"),
        ("95588", "tel:95588;phone-context=+86"),
        ("+85223456789", "tel:+85223456789"),
        ("+9991", "tel:+9991"),
        ('<a"&\x00>', "sip:%3Ca%22%26%00%3E@anonymous.invalid"),
    ],
)
def test_numbers_as_addresses(number: str, aor: str) -> None:
    assert spans(told(call(), number))[0][0] == aor


def test_what_no_xml_can_hold_is_marked() -> None:
    root = Xml.fromstring(metadata(call(), "1", lambda who: "a\x00\ud800<b>"))
    assert root.findtext("r:participant[2]/r:nameID/r:name", None, NS) == "a��<b>"
