"""A line whose callers must log in, on real sockets: beside a flood, beside scanners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.wires import Access
from callcenter.sip.signal.digest import Credentials, authorization, parse_challenge
from callcenter.sip.signal.doorkeeper import MOST_GUESSES
from callcenter.sip.signal.login import Accounts
from callcenter.sip.signal.registration import Registrar
from tests.sip.far import tone
from tests.sip.line.test_flood import Flooder
from tests.sip.line.test_sip_line import PATIENCE, Phone, carry, coded
from tests.sip.raw import OFFER, text_request
from tests.waiting import until

WHO = Credentials("2001", "correct horse")
ACCOUNTS = Accounts({WHO.user: WHO.password})


@pytest.fixture
async def near() -> AsyncIterator[Phone]:
    phone = Phone(SipLine("main", port=0, max_calls=20, access=Access(rate=100, accounts=ACCOUNTS)))
    await phone.start()
    yield phone
    await phone.line.close()


async def test_who_logs_in_calls_beside_a_flood_that_does_not(near: Phone) -> None:
    """The caller has their password from the registrar of their line, which is refused here."""
    registrar = Registrar("127.0.0.1", near.line.port, WHO.user, WHO.password)
    far = Phone(SipLine("caller", port=0, registrar=registrar))
    await far.start()
    flooder = Flooder(("127.0.0.1", near.line.port))
    flood = asyncio.create_task(flooder.flood(2000))
    await until(lambda: near.line.state().limited > 0)
    dialled = await far.line.dial(near.address, "13900139000")
    call = await near.next_call()
    assert call.caller_number == "13900139000"
    leg = call.answer()
    await asyncio.wait_for(dialled.answered(), PATIENCE)
    assert carry(dialled.leg, leg, tone(25)) == coded(tone(25))
    await flood
    assert near.calls.empty(), "nobody else came in"
    assert near.line.state().detail == "calls: 1"
    flooder.close()
    await far.line.close()


async def test_scanners_get_no_answer_and_are_counted(near: Phone) -> None:
    scanner = Flooder(("127.0.0.1", near.line.port))
    for program in ("friendly-scanner", "sipcli/1.8"):
        scanner.say(text_request("OPTIONS", extra=[f"User-Agent: {program}"]))
    scanner.say(text_request("OPTIONS", branch="z9hG4bKlast", call_id="last"))
    heard = await scanner.hear(b"SIP/2.0")
    assert heard.call_id == "last", "the first answer is to the last question"
    state = near.line.state()
    assert (state.scanners, state.ignored, state.limited) == (2, 0, 0)
    scanner.close()


async def test_who_guesses_is_shut_out_and_others_are_not(near: Phone) -> None:
    guesser = Flooder(("127.0.0.1", near.line.port))
    wrong = Credentials(WHO.user, "a guess")
    for number in range(MOST_GUESSES):
        name = f"guess-{number}"
        guesser.say(text_request(body=OFFER, branch=f"z9hG4bK{name}", call_id=name))
        asked = parse_challenge((await guesser.hear(b"SIP/2.0 401")).required("WWW-Authenticate"))
        said = authorization(asked, wrong, "INVITE", "sip:95000@127.0.0.1:5060", "c")
        guess = {"branch": f"z9hG4bK2{name}", "call_id": name, "cseq": 2}
        guesser.say(text_request(body=OFFER, extra=[f"Authorization: {said}"], **guess))
        await guesser.hear(b"SIP/2.0 401")
    assert near.line.state().wrong_logins == MOST_GUESSES
    guesser.say(text_request("OPTIONS", branch="z9hG4bKx", call_id="x"))
    await until(lambda: near.line.state().shut_out == 1)
    other = Flooder(("127.0.0.1", near.line.port), "127.0.0.3")
    other.say(text_request("OPTIONS", branch="z9hG4bKy", call_id="y"))
    assert (await other.hear(b"SIP/2.0")).status == 200
    guesser.close()
    other.close()
