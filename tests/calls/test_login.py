"""Telephones and tools that people use log in at a line of ours: baresip, sipp."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from callcenter.config import Config, LineConfig
from callcenter.config.lines import LoginConfig
from tests.calls import baresip, sipp
from tests.calls.service import AGENT, config_in, running

pytestmark = pytest.mark.external
PASSWORD = "correct.horse.77"

CALLS = """<?xml version="1.0"?><scenario name="caller">
<send retrans="500"><![CDATA[
{invite}CSeq: 1 INVITE
{rest}
]]></send>
<recv response="401" auth="true"/>
<send><![CDATA[
ACK sip:95000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch-1]
From: <sip:2001@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
{invite}CSeq: 2 INVITE
[authentication username=2001 password={password}]
{rest}
]]></send>
<recv response="100" optional="true"/>
<recv response="180"/>
<send><![CDATA[
CANCEL sip:95000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch-3]
From: <sip:2001@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 2 CANCEL
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
<recv response="487"/>
<send><![CDATA[
ACK sip:95000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch-6]
From: <sip:2001@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
</scenario>
"""
INVITE = """INVITE sip:95000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:2001@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>
Call-ID: [call_id]
Contact: <sip:2001@[local_ip]:[local_port]>
"""
REST = """Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def login_in(folder: Path) -> Config:
    """A service whose callers must log in."""
    file = folder / "users"
    file.write_text(f"2001:{PASSWORD}\n", "utf-8")
    login = LoginConfig(users_file=str(file))
    return config_in(folder, line=(LineConfig(port=0, login=login),))


@baresip.needs_baresip
async def test_baresip_rings_nobody_with_a_wrong_password_and_talks_with_the_right_one(
    tmp_path: Path,
):
    async with running(login_in(tmp_path)) as here:
        line = here.service.lines["main"]
        async with caller(tmp_path / "wrong", here.uri, "wrong"):
            async with asyncio.timeout(20):
                while not line.state().wrong_logins:
                    await asyncio.sleep(0.02)  # between two looks, not instead of one
        assert (await here.get("/live"))["calls"] == []
        wrong = line.state().wrong_logins
        async with caller(tmp_path / "right", here.uri, PASSWORD):
            call_id = (await here.live("ringing"))["call_id"]
            await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
            await here.live("talking")
        assert (await here.ended(call_id))["call_result"] == "answered"
        assert line.state().wrong_logins == wrong


def caller(folder: Path, uri: str, password: str) -> AbstractAsyncContextManager[None]:
    """baresip, ringing with this password."""
    folder.mkdir()
    account = f";auth_user=2001;auth_pass={password}"
    return baresip.dials(folder, uri, bytes(16000), "2001", account=account)


@sipp.needs_sipp
async def test_sipp_logs_in(tmp_path: Path):
    """sipp names no user in the URI that its digest is about."""
    file = tmp_path / "login.xml"
    file.write_text(CALLS.format(invite=INVITE, rest=REST, password=PASSWORD), "utf-8")
    async with running(login_in(tmp_path)) as here:
        code, out = await sipp.call(file, here.port)
        assert code == 0, out[-3000:]
        (call,) = await here.until(lambda: here.get("/calls"), lambda told: told["calls"])
        ended = await here.ended(call["call_id"])
        assert (ended["caller_number"], ended["call_result"]) == ("2001", "abandoned")
