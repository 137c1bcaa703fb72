from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.core.errors import NotSent
from callcenter.core.messages import Letter
from callcenter.post.gateway import Gateway, SmsGateway
from callcenter.post.smtp import MailServer, Smtp
from tests.post.carriers import gateway, mail_box

SMS = Letter("MS-1", "sms", "13800000001", "您好，服务已完成。")
MAIL = Letter("MS-2", "email", "zhao@example.com", "赵先生您好：\n\n已处理。", "关于您的问题")


def server(port: int) -> MailServer:
    return MailServer("127.0.0.1", port, "客服 <kf@example.com>", tls="off")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def test_e7_a_letter_leaves_by_mail() -> None:
    with mail_box() as box:
        told = Smtp(server(box.port)).send(MAIL)
    (letter,) = box.letters
    assert letter["To"] == "zhao@example.com"
    assert letter["Subject"] == "关于您的问题"
    assert letter["Message-ID"] == told
    assert letter.get_content().strip() == MAIL.text


def test_r1_a_report_leaves_with_its_files(tmp_path: Path) -> None:
    files = {"日报.pdf": "application/pdf", "r.unknown": "application/octet-stream"}
    for name in files:
        (tmp_path / name).write_bytes(name.encode())
    paths = tuple(str(tmp_path / name) for name in files)
    with mail_box() as box:
        Smtp(server(box.port)).send(replace(MAIL, files=paths))
    (letter,) = box.letters
    found = {part.get_filename(): part for part in letter.iter_attachments()}
    assert {name: part.get_content_type() for name, part in found.items()} == files
    assert found["日报.pdf"].get_content() == "日报.pdf".encode()
    gone = replace(MAIL, files=(str(tmp_path / "gone"),))
    with mail_box() as box, pytest.raises(NotSent, match="FileNotFoundError"):
        Smtp(server(box.port)).send(gone)


def test_a_refusal_tells_the_code_and_not_the_address() -> None:
    with mail_box("550 no such user zhao@example.com") as box, pytest.raises(NotSent) as caught:
        Smtp(server(box.port)).send(MAIL)
    assert str(caught.value).startswith(f"mail server 127.0.0.1:{box.port} did not take the letter")
    assert "zhao" not in str(caught.value)


def test_a_mail_server_that_is_away_is_told() -> None:
    with pytest.raises(NotSent, match="ConnectionRefusedError"):
        Smtp(server(free_port())).send(MAIL)


def test_what_offers_no_tls_is_not_trusted_with_a_letter() -> None:
    with mail_box() as box, pytest.raises(NotSent, match="NotSupported"):
        Smtp(MailServer("127.0.0.1", box.port, "kf@example.com")).send(MAIL)
    assert not box.letters


def test_s1_a_short_message_leaves_through_the_gateway() -> None:
    with gateway() as hook:
        assert SmsGateway(Gateway(hook.url, "secret")).send(SMS) == "g-1"
    assert hook.taken == [("Bearer secret", {"to": SMS.to, "text": SMS.text, "id": "MS-1"})]


@pytest.mark.parametrize("status", [400, 500])
def test_a_gateway_that_refuses_is_told(status: int) -> None:
    with gateway(status) as hook, pytest.raises(NotSent, match=f"answered {status}"):
        SmsGateway(Gateway(hook.url)).send(SMS)


def test_a_gateway_that_is_away_is_told_and_files_are_no_gateways() -> None:
    with pytest.raises(NotSent, match="cannot be reached"):
        SmsGateway(Gateway(f"http://127.0.0.1:{free_port()}/")).send(SMS)
    with pytest.raises(ValueError, match="http or https"):
        SmsGateway(Gateway("file:///etc/passwd"))
