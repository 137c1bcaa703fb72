"""Dialogs: route sets, targets, numbers."""

from __future__ import annotations

import pytest

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.headers import Via
from callcenter.sip.signal.message import Request, Response, parse
from tests.sip.raw import FAR, text_answer, text_request

VIA = Via("UDP", "127.0.0.1", 5060)
ROUTES = (
    "Record-Route: <sip:127.0.0.3:5080;lr>, <sip:proxy.example;lr>",
    "Record-Route: <sip:127.0.0.4;lr>",
)


def invite(*extra: str, contact: str = "<sip:far@127.0.0.1:5070>") -> Request:
    message = parse(text_request(extra=extra, contact=contact))
    assert isinstance(message, Request)
    return message


def test_a_taken_call_keeps_the_route_in_order() -> None:
    dialog = Dialog.taken(invite(*ROUTES), "mine", FAR, "<sip:me@h>")
    bye = dialog.request("BYE", VIA)
    assert bye.every("Route") == [
        "<sip:127.0.0.3:5080;lr>",
        "<sip:proxy.example;lr>",
        "<sip:127.0.0.4;lr>",
    ]
    assert bye.uri == "sip:far@127.0.0.1:5070"
    assert (bye.from_.tag, bye.to.tag, bye.cseq.number) == ("mine", "fartag", 1)
    assert dialog.next_hop() == ("127.0.0.3", 5080)
    assert dialog.id == ("raw-1", "mine")


def test_a_made_call_turns_the_route_round() -> None:
    request = invite(*ROUTES)
    answer = parse(text_answer(request, "", *ROUTES))
    assert isinstance(answer, Response)
    dialog = Dialog.made(request, answer, FAR, "<sip:me@h>")
    assert dialog.next_hop() == ("127.0.0.4", 5060)
    assert dialog.ack(1, VIA).cseq.number == 1
    assert dialog.request("BYE", VIA).cseq.number == 2


def test_a_strict_router_wants_itself_as_the_uri() -> None:
    strict = "Record-Route: <sip:127.0.0.3:5080>, <sip:127.0.0.4;lr>"
    dialog = Dialog.taken(invite(strict), "mine", FAR, "<sip:me@h>")
    bye = dialog.request("BYE", VIA)
    assert bye.uri == "sip:127.0.0.3:5080"
    assert bye.every("Route") == ["<sip:127.0.0.4;lr>", "<sip:far@127.0.0.1:5070>"]
    assert dialog.next_hop() == ("127.0.0.3", 5080)


def test_a_hop_by_name_is_reached_where_it_was_heard_from() -> None:
    dialog = Dialog.taken(invite(contact="<sip:far@pbx.example>"), "mine", FAR, "<sip:me@h>")
    assert dialog.next_hop() == FAR


@pytest.mark.parametrize("contact", ["*", "nonsense"])
def test_without_a_usable_contact(contact: str) -> None:
    request = invite(contact=contact)
    taken = Dialog.taken(request, "mine", FAR, "<sip:me@h>")
    assert str(taken.target) == "sip:13800138001@127.0.0.1"
    answer = parse(text_answer(request, "", f"Contact: {contact}"))
    assert isinstance(answer, Response)
    assert str(Dialog.made(request, answer, FAR, "<sip:me@h>").target) == request.uri


def test_a_broken_route_is_refused() -> None:
    with pytest.raises(BadHeader):
        Dialog.taken(invite("Record-Route: <nonsense>"), "mine", FAR, "<sip:me@h>")


def test_numbers_only_rise_and_targets_are_refreshed() -> None:
    dialog = Dialog.taken(invite(), "mine", FAR, "<sip:me@h>")
    again = parse(text_request(cseq=2, contact="<sip:moved@127.0.0.1:5090>"))
    assert isinstance(again, Request)
    assert dialog.is_from_peer(again)
    assert dialog.is_next(again)
    assert not dialog.is_next(again)
    dialog.refresh(again)
    assert dialog.next_hop() == ("127.0.0.1", 5090)
