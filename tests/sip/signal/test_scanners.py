"""Scanners are known by what they call themselves; telephones are not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.doorkeeper import Doorkeeper, Verdict
from callcenter.sip.signal.scanners import is_scanner
from tests.sip.raw import OFFER, text_request

PROGRAMS = (
    "friendly-scanner",
    "Friendly-Request",
    "sipvicious",
    "sipcli/v1.8",
    "VaxSIPUserAgent/3.1",
    "VaxIPUserAgent",
    "sundayddr",
    "sipsak 0.9.7",
    "pplsip",
    "SIPPTS",
    "iWar",
    "Nmap NSE",
)
TELEPHONES = (
    "Yealink SIP-T46U 108.86.0.20",
    "Grandstream GXP2170 1.0.11.48",
    "baresip v1.0.0 (x86_64/Linux)",
    "Linphone/5.2.0 (belle-sip/5.2.0)",
    "HUAWEI ATS9900",
    "Asterisk PBX 20.5.0",
    "FreeSWITCH-mod_sofia/1.10.9",
    "kamailio (5.6.3 (x86_64/linux))",
    "Zoiper rv2.10 not a sipvicious",
    "nmapped",
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_scanners_are_known(name: str) -> None:
    assert is_scanner(text_request(body=OFFER, extra=[f"User-Agent: {name}"]))
    assert is_scanner(text_request("OPTIONS", extra=[f"user-agent:{name.upper()}"]))


@pytest.mark.parametrize("name", TELEPHONES)
def test_telephones_are_not(name: str) -> None:
    assert not is_scanner(text_request(body=OFFER, extra=[f"User-Agent: {name}"]))


def test_whom_they_claim_to_be() -> None:
    assert is_scanner(text_request(from_='"sipvicious"<sip:100@1.1.1.1>;tag=6'))
    assert is_scanner(text_request(from_="<sip:100@1.1.1.1>;tag=6").replace(b"From:", b"f :"))
    assert not is_scanner(text_request(from_="<sip:100@1.1.1.12>;tag=6"))
    assert not is_scanner(text_request(from_="<sip:100@11.1.1.1>;tag=6"))
    assert not is_scanner(text_request(body="s=sipvicious\r\nu=User-Agent: sipcli\r\n"))


@given(st.binary(max_size=4000))
def test_nothing_is_too_odd(data: bytes) -> None:
    is_scanner(data)


def test_who_is_named_may_use_whatever_program() -> None:
    probe = text_request("OPTIONS", extra=["User-Agent: sipsak 0.9.7"])
    door = Doorkeeper(["192.0.2.0/24"], closed=False)
    assert door.judge("192.0.2.7", 0.0, probe) is Verdict.WELCOME
    assert door.judge("198.51.100.1", 0.0, probe) is Verdict.SCANNER
    door.trust("198.51.100.1")
    assert door.judge("198.51.100.1", 0.0, probe) is Verdict.WELCOME
    assert door.counts == {Verdict.SCANNER: 1}
