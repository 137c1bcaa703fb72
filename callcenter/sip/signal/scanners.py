"""Knows programs that look for telephones to abuse by how they present themselves. Pure.

Messages are looked at unparsed. What such programs call themselves can be changed; most who use
them do not.
"""

from __future__ import annotations

import re

_PROGRAMS = (
    rb"friendly-?(?:scanner|request)|sip-?vicious|sip-?scan|sip-?cli\b|sundayddr|sipsak|siparmyknife"
    rb"|vaxs?ip?useragent|vaxuseragent|pplsip|sip-?ptk|sippts|sivus|iwar\b|nsauditor|nmap\b"
)
_SIGNS = rb"sip-?vicious|@1\.1\.1\.1\b"
"""Whom the widely spread scanners claim to be, or to call."""
_KNOWN = re.compile(
    rb"\n(?:user-agent[ \t]*:[ \t]*(?:" + _PROGRAMS + rb")"
    rb"|(?:from|to|[ft])[ \t]*:[^\r\n]{0,256}?(?:" + _SIGNS + rb"))",
    re.IGNORECASE,
)
_LOOKED_AT = 2048
"""Bytes of a message."""


def is_scanner(data: bytes) -> bool:
    """Whether a message, not yet parsed, is one of theirs."""
    return _KNOWN.search(data, 0, _LOOKED_AT) is not None
