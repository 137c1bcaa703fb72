"""A request that is passed on to another node: whole, once, and to nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from callcenter.core.errors import NotNow
from callcenter.core.nodes import Asked
from callcenter.post.passing import Passing


class Node(HTTPServer):
    """Another node: keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[tuple[str, str, str, bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Node

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = (self.command, self.path, self.headers.get("Cookie", ""), body)
        self.server.asked.append(told)
        status = int(self.path.rpartition("=")[2])
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "other=1")
        self.send_header("Location", "/elsewhere=200")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST  # noqa: N815

    def log_message(self, *told: Any) -> None:
        """In silence."""


@pytest.fixture
def node() -> Iterator[Node]:
    made = Node()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


ASKED = Asked("POST", "/api/v1/calls/c1/join?s=200", {"cookie": "callcenter=x"}, b'{"a":1}')


async def test_it_arrives_as_it_was_and_so_does_the_answer(node: Node) -> None:
    told = await Passing().on("b", node.url + "/", ASKED)
    assert node.asked == [("POST", ASKED.path, "callcenter=x", b'{"a":1}')]
    assert (told.status, told.body) == (200, b"{}")
    assert told.headers == {"content-type": "application/json"}, "no cookie of theirs"


@pytest.mark.parametrize("status", [303, 307, 403, 409, 422, 500])
async def test_a_refusal_is_an_answer_and_nobody_is_sent_on(node: Node, status: int) -> None:
    told = await Passing().on("b", node.url, Asked("POST", f"/x={status}", {"cookie": "c"}))
    assert told.status == status
    assert len(node.asked) == 1


def test_a_file_comes_piece_by_piece(node: Node) -> None:
    told = Passing().fetch("b", node.url, Asked("GET", "/sound=206"))
    assert (told.status, b"".join(told.content)) == (206, b"{}")
    assert told.headers["content-length"] == "2"


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://127.0.0.1", "http://127.0.0.1:1"])
async def test_who_cannot_be_reached_is_named(url: str) -> None:
    with pytest.raises(NotNow, match="node b"):
        await Passing().on("b", url, ASKED)
