"""The sound of a call as the line's settings want it: codecs, secrecy, keys (RFC 4568). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.core.records import Ability
from callcenter.sip.signal.formats import FORMATS
from callcenter.sip.signal.hops import Address, Hop, transport_of
from callcenter.sip.signal.layer import Layer
from callcenter.sip.signal.message import Request
from callcenter.sip.signal.sdes import KEY_BYTES, Secrecy
from callcenter.sip.signal.sdp import MediaSession, chosen
from callcenter.sip.signal.settings import Settings


def new_media(layer: Layer, place: Address, hop: Hop) -> MediaSession:
    """Our side of a call's sound, at this place, the call being signalled over `hop`."""
    settings = layer.settings
    session_id = int(layer.token()[:8], 16)

    def new_key() -> bytes:
        # A token is 16 hexadecimal digits or more.
        text = "".join(layer.token()[:16] for _ in range(-(-KEY_BYTES // 8)))
        return bytes.fromhex(text)[:KEY_BYTES]

    return MediaSession(*place, settings.codecs, session_id, secrecy_of(settings, hop), new_key)


def check_offer(request: Request, settings: Settings, hop: Hop) -> None:
    """Raises BadSdp or NoCommonCodec where a request brings an offer that we cannot take."""
    if request.body:
        chosen(request.body, settings.codecs, secrecy_of(settings, hop))


def secrecy_of(settings: Settings, hop: Hop) -> Secrecy:
    """What holds for a call that is signalled over `hop`: keys are sent by TLS only."""
    return settings.secrecy.over(transport_of(hop) == "TLS")


def abilities(
    codecs: Sequence[str], secrecy: Secrecy, transports: Sequence[str]
) -> frozenset[Ability]:
    """What a line can do with the sound of its calls; digits go with every codec."""
    wide = any(FORMATS[name].wide for name in codecs)
    secure = secrecy.over("TLS" in transports) is not Secrecy.OFF
    having = ((Ability.WIDEBAND, wide), (Ability.SECURE, secure))
    return frozenset({Ability.DTMF, *(ability for ability, has in having if has)})
