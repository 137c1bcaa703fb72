"""What the doctor says of the telephone lines: ports, certificates, registrars, how they stand."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from callcenter.commands.doctor_doors import examine_callers
from callcenter.commands.finding import Finding
from callcenter.commands.logins import visiting
from callcenter.config import Config, LineConfig, WebConfig
from callcenter.core.errors import ConfigError, MissingPiece, StoreError
from callcenter.sip.line import pyvoip_line
from callcenter.sip.line.addresses import is_wildcard
from callcenter.sip.line.tls import Certificates
from callcenter.sip.signal.headers import host_port

_PATIENCE = 2.0
"""Seconds that the running service has to answer."""
COUNTED = ("limited", "turned_away", "scanners", "shut_out", "wrong_logins", "ignored")
_KINDS = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM, "tls": socket.SOCK_STREAM}


def examine_lines(config: Config) -> Iterator[Finding]:
    """Each line: what it needs, and, where the service runs, how it stands now."""
    standing = _standing(config)
    for line in config.line:
        for transport in line.transport:
            port = line.tls.port if transport == "tls" else line.port
            yield free("SIP line", line.host, port, transport)
        yield examine_callers(line)
        if "tls" in line.transport:
            yield _certificates(line)
        if line.engine == "pyvoip":
            yield _pyvoip(line)
        if line.name in standing:
            yield _stands(line.name, standing[line.name])
        elif line.registrar:
            yield _registrar(line.registrar.host)


def free(what: str, host: str, port: int, transport: str) -> Finding:
    """Whether a port can be had."""
    place = f"{host_port(host, port)}/{transport}"
    kind = _KINDS[transport]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return Finding(what, None, f"{place}: {error.strerror} (is the service running?)")
    return Finding(what, True, f"{place} is free")


def _certificates(line: LineConfig) -> Finding:
    tls = line.tls
    files = Certificates(tls.cert, tls.key, tls.ca, tls.verify, tls.client_ca)
    try:
        files.for_server()
        files.for_client()
    except ConfigError as error:
        return Finding("TLS", False, f"line {line.name}: {error}")
    return Finding("TLS", True, tls.cert or f"line {line.name}: only to connect to others")


def _pyvoip(line: LineConfig) -> Finding:
    try:
        pyvoip_line.agent()
    except MissingPiece as error:
        return Finding("pyVoIP", False, str(error))
    return Finding("pyVoIP", True, f"line {line.name}: only takes calls")


def _registrar(host: str) -> Finding:
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return Finding("registrar", None, f"no such host: {host}")
    return Finding("registrar", True, host)


def _stands(name: str, state: dict[str, Any]) -> Finding:
    """`registered` is null where the line needs no registrar."""
    counts = ", ".join(f"{word} {state[word]}" for word in COUNTED if state.get(word))
    detail = f"{name}: {state['detail']}" + (f" (messages passed over: {counts})" if counts else "")
    good = state["registered"] is not False
    return Finding("registration" if state["registered"] is not None else "line", good, detail)


def _standing(config: Config) -> dict[str, dict[str, Any]]:
    """The lines of the running service by name; empty where none answers."""
    try:
        with closing(_connected(config.web)) as connection, visiting(config) as token:
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("GET", "/api/v1/health", headers=headers)
            lines = json.loads(connection.getresponse().read())["lines"]
        return {line["name"]: line for line in lines}
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, StoreError):
        return {}


def _connected(web: WebConfig) -> http.client.HTTPConnection:
    """A connection to the service, which then has the database open already. Raises OSError."""
    host = "localhost" if is_wildcard(web.host) else web.host
    connection = http.client.HTTPConnection(host, web.port, timeout=_PATIENCE)
    if web.cert:
        trusting = ssl.create_default_context(cafile=web.cert)
        trusting.check_hostname = False
        trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        connection = http.client.HTTPSConnection(
            host, web.port, timeout=_PATIENCE, context=trusting
        )
    connection.connect()
    return connection
