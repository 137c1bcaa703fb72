"""A softphone that people use is put on hold, resumed and transferred, and does the same to us."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from callcenter.core.ports import Leg
from callcenter.core.records import Frame
from callcenter.sip.line.sip_line import SipLine
from tests.calls import baresip, sipp
from tests.sip.line.test_line_changes import Told
from tests.sip.line.test_sip_line import PATIENCE, Phone, told, within

pytestmark = pytest.mark.external
_SPEECH = (bytes(range(0, 200, 2)) * 800)[:160_000] * 4


async def until(condition: Callable[[], bool]) -> None:
    """Tick as a call does, until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.02)


def hears(leg: Leg, sound: bool) -> Callable[[], bool]:
    """True once five frames in a row brought sound, or none did."""
    run = 0

    def heard() -> bool:
        nonlocal run
        leg.send(Frame(0))
        run = run + 1 if leg.receive(0).lost is not sound else 0
        return run >= 5

    return heard


@baresip.needs_baresip
async def test_hold_and_transfer_with_a_softphone(tmp_path: Path) -> None:
    desk, supervisor = Phone(SipLine("desk", port=0)), Phone(SipLine("supervisor", port=0))
    await desk.start()
    await supervisor.start()
    control = baresip.free_port()
    uri = f"sip:95000@127.0.0.1:{desk.line.port}"
    async with baresip.dials(tmp_path, uri, _SPEECH, "13700137003", control):
        call = await desk.next_call()
        leg = call.answer()
        await until(hears(leg, True))
        call.hold(True)
        await until(hears(leg, False))
        call.hold(False)
        await until(hears(leg, True))
        await baresip.command(control, "hold")
        await until(lambda: not leg.send(Frame(0)))
        await baresip.command(control, "resume")
        await until(lambda: leg.send(Frame(0)))
        asked: asyncio.Queue[str] = asyncio.Queue()
        call.on_transfer = asked.put_nowait
        target = f"sip:95001@127.0.0.1:{supervisor.line.port}"
        await baresip.command(control, "transfer", target)
        assert await asyncio.wait_for(asked.get(), PATIENCE) == target
        done, gone = Told(), told(call)
        call.transfer(target, done)
        second = await supervisor.next_call()
        assert second.caller_number == "13700137003"
        await until(hears(second.answer(), True))
        await within(done.event)
        assert done.outcome == (True, "")
    assert not gone.is_set(), "we hung up once the transfer had worked"
    await desk.line.close()
    await supervisor.line.close()


STRICT = """<?xml version="1.0"?><scenario name="strict carrier">
<send retrans="500"><![CDATA[
INVITE sip:95000@[remote_ip]:[remote_port] SIP/2.0
{head}
To: <sip:95000@[remote_ip]>
CSeq: 1 INVITE
Require: 100rel
Supported: timer
Session-Expires: 600;refresher=uac
Content-Type: application/sdp
Content-Length: [len]

{sdp}
]]></send>
<recv response="100" optional="true"/>
<recv response="180"><action>
<ereg regexp="[0-9]+" search_in="hdr" header="RSeq:" assign_to="rseq"/>
</action></recv>
<send retrans="500"><![CDATA[
PRACK sip:95000@[remote_ip]:[remote_port] SIP/2.0
{head}
To: <sip:95000@[remote_ip]>[peer_tag_param]
CSeq: 2 PRACK
RAck: [$rseq] 1 INVITE
Content-Length: 0

]]></send>
<recv response="200"/>
<recv response="200"/>
{ack_1}
<send retrans="500"><![CDATA[
UPDATE sip:95000@[remote_ip]:[remote_port] SIP/2.0
{head}
To: <sip:95000@[remote_ip]>[peer_tag_param]
CSeq: 3 UPDATE
Supported: timer
Session-Expires: 600;refresher=uac
Content-Length: 0

]]></send>
<recv response="200"><action>
<ereg regexp="600;refresher=uac" search_in="hdr" header="Session-Expires:" check_it="true"
 assign_to="agreed"/>
<log message="[$agreed]"/>
</action></recv>
<send retrans="500"><![CDATA[
INVITE sip:95000@[remote_ip]:[remote_port] SIP/2.0
{head}
To: <sip:95000@[remote_ip]>[peer_tag_param]
CSeq: 4 INVITE
Content-Type: application/sdp
Content-Length: [len]

{sdp}
a=sendonly
]]></send>
<recv response="200"><action>
<ereg regexp="a=recvonly" search_in="body" check_it="true" assign_to="held"/>
<log message="[$held]"/>
</action></recv>
{ack_4}
<recv request="INVITE"><action>
<ereg regexp="a=inactive" search_in="body" check_it="true" assign_to="both"/>
<log message="[$both]"/>
</action></recv>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:sipp@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{sdp}
a=inactive
]]></send>
<recv request="ACK"/>
<send retrans="500"><![CDATA[
BYE sip:95000@[remote_ip]:[remote_port] SIP/2.0
{head}
To: <sip:95000@[remote_ip]>[peer_tag_param]
CSeq: 5 BYE
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""
HEAD = """Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:13800138001@[local_ip]>;tag=[pid]s[call_number]
Call-ID: [call_id]
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70"""
SDP = """v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0"""
ACK = """<send><![CDATA[
ACK sip:95000@[remote_ip]:[remote_port] SIP/2.0
{head}
To: <sip:95000@[remote_ip]>[peer_tag_param]
CSeq: {number} ACK
Content-Length: 0

]]></send>"""


@sipp.needs_sipp
async def test_a_strict_carrier(tmp_path: Path) -> None:
    """Reliable ringing, a session timer, UPDATE, hold by both sides."""
    desk = Phone(SipLine("desk", port=0))
    await desk.start()
    acks = {f"ack_{n}": ACK.format(head=HEAD, number=n) for n in (1, 4)}
    file = tmp_path / "strict.xml"
    file.write_text(STRICT.format(head=HEAD, sdp=SDP, **acks), "utf-8")
    running = asyncio.create_task(sipp.call(file, desk.line.port))
    call = await desk.next_call()
    leg = call.answer()
    gone = told(call)
    await until(lambda: leg.send(Frame(0)))
    await until(lambda: not leg.send(Frame(0)))
    call.hold(True)
    code, out = await running
    assert code == 0, out
    await within(gone)
    await desk.line.close()
