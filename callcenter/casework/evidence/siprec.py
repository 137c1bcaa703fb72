"""A call's recording in the words of RFC 7865 (SIPREC metadata): who spoke, when, on which channel.

For archives and quality systems of others, which read this XML. One call is one communication
session; its recording's two channels are its streams, labelled 1 (caller) and 2 (agent), as in the
WAV. What RFC 7865 has no word for, the file's SHA-256, stands in a namespace of our own. Pure.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from callcenter.casework import telephone
from callcenter.core.errors import Refused
from callcenter.core.numbers import is_withheld, plain
from callcenter.store.tables import Call, RecordingRow

MEDIA_TYPE = "application/rs-metadata+xml"
NAMESPACE = "urn:ietf:params:xml:ns:recording:1"
OWN = "urn:callcenter:recording:1"
IDS = uuid.UUID("5b1f9c3e-6c0a-5d59-9d0c-2f6f3c8f2a11")
"""What the ids of sessions, participants and streams are made in, so that they last."""
HOUSE = "callcenter.invalid"
"""The domain of agents, who have none (RFC 6761)."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in the call, from then until then; `channel` is what they speak on, 0: none."""

    key: str
    aor: str
    name: str
    since: datetime
    until: datetime | None
    channel: int


def metadata(call: Call, number: str, person: Callable[[str], str]) -> bytes:
    """The XML document. `number` is that of the party beyond the line, as it may be told; `person`
    names an agent or a supervisor."""
    Xml.register_namespace("", NAMESPACE)
    Xml.register_namespace("cc", OWN)
    root = Xml.Element(_("recording"))
    _add(root, "datamode", "complete")
    session = _id(call, "session")
    made = _add(root, "session", session_id=session)
    _add(made, "start-time", _time(call.answered_at or call.rang_at))
    if call.ended_at:
        _add(made, "stop-time", _time(call.ended_at))
    found = [_beyond(call, number), *_agents(call, person), *_joined(call, person)]
    for one in found:
        named = _add(root, "participant", participant_id=_id(call, one.key))
        name = _add(named, "nameID", aor=one.aor)
        if one.name:
            _add(name, "name", one.name)
    _streams(root, call, session)
    _associated(root, call, session, found)
    if call.recording is not None:
        _file(root, call.recording)
    Xml.indent(root)
    document: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _streams(root: Xml.Element, call: Call, session: str) -> None:
    for channel in (1, 2) if call.answered_at else ():
        stream = _add(root, "stream", stream_id=_id(call, channel), session_id=session)
        _add(stream, "label", str(channel))


def _associated(root: Xml.Element, call: Call, session: str, found: list[Participant]) -> None:
    """Who was in the session when, and which streams they sent and heard."""
    recorded = _add(root, "sessionrecordingassoc", session_id=session)
    _times(recorded, call.answered_at or call.rang_at, call.ended_at)
    for one in found:
        keys = {"participant_id": _id(call, one.key), "session_id": session}
        _times(_add(root, "participantsessionassoc", **keys), one.since, one.until)
    for one in found if call.answered_at else ():
        spoke = _add(root, "participantstreamassoc", participant_id=_id(call, one.key))
        for channel in (1, 2):
            word = "send" if channel == one.channel else "recv"
            _add(spoke, word, _id(call, channel))


def _beyond(call: Call, number: str) -> Participant:
    return Participant("beyond", _aor(number), "", call.rang_at, call.ended_at, 1)


def _agents(call: Call, person: Callable[[str], str]) -> Iterator[Participant]:
    """Each for as long as they had the call."""
    since = call.answered_at
    if since is None or not call.agent:
        return
    hands = [row for row in call.handling if row.kind == "transferred"]
    agent = hands[0].actor if hands else call.agent
    for count, row in enumerate(hands):
        yield _inside(f"agent {count}", agent, person, since, row.at, 2)
        agent, since = row.other, row.at
        if row.how == "outside":
            return
    yield _inside(f"agent {len(hands)}", agent, person, since, call.ended_at, 2)


def _joined(call: Call, person: Callable[[str], str]) -> Iterator[Participant]:
    """Supervisors who listened, whispered or spoke; none is recorded on a channel of their own."""
    for count, row in enumerate(one for one in call.handling if one.kind == "joined"):
        left = (one.at for one in call.handling if (one.kind, one.actor) == ("left", row.actor))
        until = next((at for at in left if at >= row.at), call.ended_at)
        yield _inside(f"joined {count}", row.actor, person, row.at, until, 0)


def _inside(
    key: str,
    who: str,
    person: Callable[[str], str],
    since: datetime,
    until: datetime | None,
    channel: int,
) -> Participant:
    return Participant(key, f"sip:{quote(who)}@{HOUSE}", person(who), since, until, channel)


def _aor(number: str) -> str:
    """RFC 3966 for what can be dialled, RFC 3323 for a number that was withheld."""
    if is_withheld(number):
        return "sip:anonymous@anonymous.invalid"
    shown = plain(number)
    if not re.fullmatch(r"\+?[0-9*]+", shown):
        return f"sip:{quote(shown)}@anonymous.invalid"
    try:
        if e164 := telephone.read(shown).e164:
            return f"tel:{e164}"
    except Refused:
        pass
    return f"tel:{shown}" if shown.startswith("+") else f"tel:{shown};phone-context=+86"


def _file(root: Xml.Element, row: RecordingRow) -> None:
    told = {"seconds": f"{row.seconds:.2f}", "channels": str(row.channels), "sha256": row.sha256}
    Xml.SubElement(root, f"{{{OWN}}}file", told)


def _times(element: Xml.Element, since: datetime, until: datetime | None) -> None:
    _add(element, "associate-time", _time(since))
    if until:
        _add(element, "disassociate-time", _time(until))


def _add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
    made = Xml.SubElement(parent, _(name), {k: _clean(v) for k, v in attributes.items()})
    made.text = _clean(text) or None
    return made


def _(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _clean(text: str) -> str:
    """Without what no XML document can hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _id(call: Call, what: object) -> str:
    """A UUID in base64, as RFC 7865 has its ids."""
    made = uuid.uuid5(IDS, f"{call.call_id}/{what}")
    return base64.b64encode(made.bytes).decode()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
