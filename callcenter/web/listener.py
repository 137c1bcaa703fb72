"""The socket on which the pages are served, and what it shows of us; opens it and nothing else."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

from callcenter.core.errors import PortInUse


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortInUse(f"web: cannot listen on {host}:{port}/tcp: {error.strerror}") from None
    return listener


def follow(context: ssl.SSLContext | None, newest: Callable[[], ssl.SSLContext]) -> None:
    """Each new connection is shown the certificate of `newest`, whoever it names."""

    def show(connection: ssl.SSLObject | ssl.SSLSocket, name: str, asked: ssl.SSLContext) -> None:
        connection.context = newest()

    if context is not None:
        context.sni_callback = show
