from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from callcenter.core.errors import ConfigError, NotSent, TurnedDown
from callcenter.post import webhook
from callcenter.post.webhook import Place, Webhook, key_of, signature
from tests.post.listening import listening

SECRET = "0123456789abcdef0123456789abcdef"


def hook(url: str, secret: str = SECRET, ca: str = "") -> Webhook:
    return Webhook(Place("crm", url, secret, ca), clock=lambda: 1_700_000_000.9)


async def post(way: Webhook, body: bytes = b'{"type":"test"}') -> None:
    with closing(way):
        await way.post("k1", body)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks (libraries' tests)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    key, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    made = signature(key_of(Place("crm", "", secret)), key, 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_fact_is_signed_over_what_is_sent() -> None:
    with listening() as there:
        await post(hook(there.url))
    (told,) = there.told
    assert (told.path, told.body) == ("/hook", b'{"type":"test"}')
    assert told.headers["host"] == f"127.0.0.1:{there.port}"
    assert (told.headers["webhook-id"], told.headers["webhook-timestamp"]) == ("k1", "1700000000")
    proof = signature(SECRET.encode(), "k1", 1_700_000_000, told.body)
    assert told.headers["webhook-signature"] == proof
    assert told.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_token_stands_in_the_address_and_signs_nothing() -> None:
    with listening() as there:
        await post(hook(f"http://127.0.0.1:{there.port}/api/v1/cti/{{secret}}?a=1", "to/ken"))
    (told,) = there.told
    assert told.path == "/api/v1/cti/to%2Fken?a=1"
    assert "webhook-signature" not in told.headers


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, TurnedDown),
        (400, TurnedDown),
        (404, TurnedDown),
        (410, TurnedDown),
        (429, NotSent),
        (500, NotSent),
        (503, NotSent),
    ],
)
async def test_what_is_not_taken_is_told_and_no_redirect_is_followed(
    status: int, kind: type[NotSent]
) -> None:
    with listening(lambda _: status) as there, pytest.raises(NotSent, match=str(status)) as caught:
        await post(hook(there.url))
    assert type(caught.value) is kind
    assert len(there.told) == 1


async def test_who_is_away_is_told_without_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        await post(hook(f"http://127.0.0.1:{port}/{{secret}}", "token-of-zammad"))
    assert str(caught.value) == "cannot be reached: ConnectionRefusedError"
    assert "token" not in repr(caught.value.__cause__)


@asynccontextmanager
async def rude(answer: bytes, holds: bool = False) -> AsyncIterator[str]:
    """A server that answers with these bytes, and, `holds`, keeps the line open then."""
    over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if holds:
            await over.wait()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        over.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "answer",
    [b"", b"\r\n", b"SMTP ready\r\n", b"HTTP/1.1 9999 x\r\n", b"\xff" * 3000, b"HTTP/1.1 20"],
)
async def test_garbage_is_no_answer(answer: bytes) -> None:
    async with rude(answer) as url:
        with pytest.raises(NotSent, match="cannot be reached"):
            await post(hook(url))


async def test_who_never_answers_is_waited_for_only_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.05)
    async with rude(b"HTTP/1.1 2", holds=True) as url:
        with pytest.raises(NotSent, match="no answer within"):
            await post(hook(url))


async def test_an_answer_that_never_ends_is_not_read() -> None:
    async with rude(b"HTTP/1.1 200 OK\r\n", holds=True) as url:
        await post(hook(url))


async def test_certificates_are_checked(tmp_path: Path) -> None:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    with listening(tls=server) as there:
        await post(hook(there.url, ca=str(ca)))
        with pytest.raises(NotSent, match="cannot be reached: unable to get local issuer"):
            await post(hook(there.url))
        other = there.url.replace("127.0.0.1", "localhost")
        with pytest.raises(NotSent, match="cannot be reached"):
            await post(hook(other, ca=str(ca)))
    assert len(there.told) == 1


def test_what_cannot_work_is_told() -> None:
    place = Place("crm", "https://127.0.0.1/", "short")
    with pytest.raises(ConfigError, match="webhook crm: its secret is too short; expected 24"):
        Webhook(place)
    with pytest.raises(ConfigError, match="too short"):
        Webhook(replace(place, secret="whsec_%%%"))
    with pytest.raises(ConfigError, match="expected a URL"):
        Webhook(replace(place, url="file:///etc/passwd", secret=SECRET))
    with pytest.raises(ConfigError, match="cannot be used"):
        Webhook(replace(place, secret=SECRET, ca="/nowhere"))
    assert "short" not in repr(place)
    assert len(key_of(replace(place, secret=f"whsec_{base64.b64encode(bytes(24)).decode()}"))) == 24
