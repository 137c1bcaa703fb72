"""Runs sipp as a caller: its scenario, its sound as raw G.711, its statistics."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from callcenter.demo.scenarios import Spoken
from callcenter.sip.sound import g711

needs_sipp = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="sipp is not installed (apt install sip-tester)"
)
PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8}

INVITE = """
<send retrans="500"><![CDATA[
INVITE sip:95000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:1380013[call_number]@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP {payload_type}
a=rtpmap:{payload_type} {codec}/8000
]]></send>
"""

UP_TO_ANSWER = """
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:1380013[call_number]@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<nop><action><exec rtp_stream="{sound},1,{payload_type},{codec}/8000"/></action></nop>
"""

HANGS_UP = """
<pause milliseconds="{milliseconds}"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:1380013[call_number]@[local_ip]:[local_port]>;tag=[pid]s[call_number]
To: <sip:95000@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
"""

IS_HUNG_UP = """
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""


def scenario(folder: Path, codec: str, line: Spoken, leaves: bool) -> Path:
    """A scenario file in which the caller says `line` and then leaves, or waits to be hung up."""
    sound = folder / f"line.{codec.lower()}"
    sound.write_bytes(g711.encode(line.pcm, codec))
    words = {
        "codec": codec,
        "payload_type": PAYLOAD_TYPES[codec],
        "sound": sound,
        "milliseconds": len(line.pcm) // 16 + 1500,
    }
    body = (INVITE + UP_TO_ANSWER + (HANGS_UP if leaves else IS_HUNG_UP)).format(**words)
    file = folder / f"{codec.lower()}.xml"
    file.write_text(f'<?xml version="1.0"?><scenario name="caller">{body}</scenario>', "utf-8")
    return file


async def call(file: Path, port: int, calls: int = 1, rate: int = 2) -> tuple[int, str]:
    """Run `calls` calls against 127.0.0.1:`port`; sipp's exit code (0: all went as written)."""
    limit = 30 + calls * 3
    process = await asyncio.create_subprocess_exec(
        *["timeout", "-s", "INT", str(limit), "sipp", f"127.0.0.1:{port}", "-i", "127.0.0.1"],
        *["-sf", str(file), "-m", str(calls), "-l", str(calls), "-r", str(rate), "-nostdin"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=file.parent,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace")
