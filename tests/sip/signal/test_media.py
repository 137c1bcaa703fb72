"""The sound of a call as the line's settings want it: secrecy and keys."""

from __future__ import annotations

import re

import pytest

from callcenter.sip.errors import NoCommonCodec
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Flow
from callcenter.sip.signal.layer import Layer
from callcenter.sip.signal.media import check_offer, new_media
from callcenter.sip.signal.message import Request, parse
from callcenter.sip.signal.sdes import Secrecy
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import NEAR
from tests.sip.raw import FAR, OFFER, requests, responses, text_request, tokens

BY_TLS = Flow("127.0.0.1", 5071, "TLS")


def keys(body: bytes) -> list[bytes]:
    return re.findall(rb"inline:(\S+)", body)


@pytest.mark.parametrize(
    ("secrecy", "hop", "secret"),
    [
        (Secrecy.OFF, BY_TLS, False),
        (Secrecy.OFFERED, FAR, False),
        (Secrecy.OFFERED, BY_TLS, True),
        (Secrecy.REQUIRED, FAR, True),
    ],
)
def test_keys_are_sent_where_the_settings_want_it(
    secrecy: Secrecy, hop: Flow | tuple[str, int], secret: bool
) -> None:
    layer = Layer(Settings(*NEAR, secrecy=secrecy), tokens())
    found = keys(new_media(layer, ("127.0.0.1", 4000), hop).offer())
    assert bool(found) is secret
    assert len(set(found)) == len(found)


def test_an_offer_in_the_clear_is_refused_where_it_must_be_secret() -> None:
    request = parse(text_request(body=OFFER))
    assert isinstance(request, Request)
    check_offer(request, Settings(*NEAR), FAR)
    with pytest.raises(NoCommonCodec):
        check_offer(request, Settings(*NEAR, secrecy=Secrecy.REQUIRED), FAR)


def test_a_secret_call_both_ways() -> None:
    settings = Settings(*NEAR, secrecy=Secrecy.REQUIRED)
    caller, called = UserAgent(settings, tokens()), UserAgent(settings, tokens())
    caller.invite(Uri.parse("sip:95000@h"), FAR, "1", ("127.0.0.1", 4000), 1.0)
    (invite,) = requests(caller.datagrams_to_send())
    called.receive_datagram(bytes(invite), FAR, 1.0)
    called.datagrams_to_send()
    stream = called.answer(called.calls[0], "127.0.0.1", 4002, 1.0)
    assert stream is not None
    assert stream.keys is not None
    (ok,) = responses(called.datagrams_to_send())
    assert len(keys(ok.body)) == 1
    called.receive_datagram(text_request(body=OFFER, call_id="clear", branch="z9hG4bKc"), FAR, 1.0)
    assert [r.status for r in responses(called.datagrams_to_send())] == [488]
