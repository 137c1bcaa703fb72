"""Torture messages: our own beside this file, and the 49 of RFC 4475 where somebody has them.

Ours begin with `#` lines: what the message is about, `answers:` what a user agent says to it, and
what is read from it, named as in READERS. In the text below them a line ends with CRLF on the wire,
`[len]` is the length of the body, and `[xNN]` one byte.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.sip.signal.message import Request, Response

HERE = Path(__file__).parent
RFC_4475 = Path(
    os.environ.get("CALLCENTER_RFC4475") or HERE.parents[3] / "shared" / "data" / "rfc4475"
)
"""Where the messages of the RFC lie; they are not ours to give away."""
needs_rfc_4475 = pytest.mark.skipif(
    not RFC_4475.is_dir(),
    reason=f"the messages of RFC 4475 are not in {RFC_4475} (set CALLCENTER_RFC4475)",
)

Message = Request | Response
READERS: Mapping[str, Callable[[Message], object]] = {
    "method": lambda m: m.method if isinstance(m, Request) else "",
    "uri": lambda m: m.uri if isinstance(m, Request) else "",
    "status": lambda m: m.status if isinstance(m, Response) else 0,
    "reason": lambda m: m.reason if isinstance(m, Response) else "",
    "from": lambda m: str(m.from_.uri),
    "from name": lambda m: m.from_.display,
    "from number": lambda m: m.from_.uri.number,
    "from tag": lambda m: m.from_.tag,
    "to": lambda m: str(m.to.uri),
    "to name": lambda m: m.to.display,
    "to number": lambda m: m.to.uri.number,
    "to tag": lambda m: m.to.tag,
    "call id": lambda m: m.call_id,
    "cseq": lambda m: m.cseq.number,
    "contact": lambda m: str(m.contact),
    "contacts": lambda m: len(m.listed("Contact")),
    "vias": lambda m: len(m.listed("Via")),
    "via": lambda m: f"{m.via.transport} {m.via.host}",
    "branch": lambda m: m.via.branch,
    "hops": lambda m: m.first("Max-Forwards"),
    "body": lambda m: len(m.body),
}


@dataclass(frozen=True)
class Torture:
    """One message, the status codes that answer it, and what is read from it."""

    name: str
    about: str
    data: bytes
    answers: tuple[int, ...]
    reads: Mapping[str, str]


def own() -> list[Torture]:
    """Our own messages, by name."""
    return [_read(file) for file in sorted(HERE.glob("*.sip"))]


def corpus() -> list[bytes]:
    """All that is here: ours, and the RFC's where they are."""
    rfc = [file.read_bytes() for file in sorted(RFC_4475.glob("*.dat"))]
    return [t.data for t in own()] + rfc


def _read(file: Path) -> Torture:
    lines = file.read_text("utf-8").split("\n")
    notes = [line[2:] for line in lines if line.startswith("# ")]
    told = dict(note.split(": ", 1) for note in notes[1:])
    text = "\n".join(line for line in lines if not line.startswith("#"))
    answers = tuple(int(code) for code in told.pop("answers").split() if code.isdigit())
    return Torture(file.stem, notes[0], _wire(text), answers, told)


def _wire(text: str) -> bytes:
    data = text.encode().replace(b"\n", b"\r\n")
    data = re.sub(rb"\[x(..)\]", lambda hit: bytes([int(hit[1], 16)]), data)
    return data.replace(b"[len]", b"%d" % len(data.partition(b"\r\n\r\n")[2]))
