"""Certificates: what TLS shows of us and asks of others. Touches files."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.errors import ConfigError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form, "" being none.

    `cert` (with its chain) and `key` are ours: without them we only connect to others. `ca` is who
    must have signed the certificates of others; the system's list where empty. `client_ca` is who
    must have signed those of whoever connects to us; without it they need to show none.
    """

    cert: str = ""
    key: str = ""
    ca: str = ""
    verify: bool = True
    client_ca: str = ""

    def for_server(self) -> ssl.SSLContext | None:
        """For connections that others make; None without a certificate. Raises ConfigError."""
        if not self.cert:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._show(context)
        if self.client_ca:
            try:
                context.load_verify_locations(self.client_ca)
            except OSError as error:
                raise ConfigError(f"tls.client_ca: {self.client_ca}: {_said(error)}") from None
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def for_client(self) -> ssl.SSLContext:
        """For connections that we make. Raises ConfigError."""
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
        except OSError as error:
            raise ConfigError(f"tls.ca: {self.ca}: {_said(error)}") from None
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert:
            self._show(context)
        return context

    def renewed_server(self) -> Renewed | None:
        """`for_server`, which follows the files. Raises ConfigError."""
        return Renewed(self._server, self._files) if self.cert else None

    def renewed_client(self) -> Renewed:
        """`for_client`, which follows the files. Raises ConfigError."""
        return Renewed(self.for_client, self._files)

    def _server(self) -> ssl.SSLContext:
        made = self.for_server()
        assert made is not None
        return made

    @property
    def _files(self) -> tuple[str, ...]:
        return tuple(f for f in (self.cert, self.key, self.ca, self.client_ca) if f)

    def _show(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self.cert, self.key or None)
        except OSError as error:
            files = f"{self.cert}, {self.key}" if self.key else self.cert
            raise ConfigError(
                f"tls.cert, tls.key: {files}: {_said(error)}; "
                "expected a certificate and its key, both in PEM form"
            ) from None


NO_CERTIFICATES = Certificates()


class Renewed:
    """A context for new connections, made anew when its files change on the disk.

    Who renews a certificate needs no restart; connections that stand keep the old one. Files that
    cannot be used, such as a certificate whose key is still to come, change nothing.
    """

    def __init__(self, make: Callable[[], ssl.SSLContext], files: tuple[str, ...]) -> None:
        """Raises ConfigError."""
        self._make = make
        self._files = files
        self._seen = _stamps(files)
        self._context = make()

    def __call__(self) -> ssl.SSLContext:
        """The context, as the files are now."""
        found = _stamps(self._files)
        if found != self._seen:
            self._seen = found
            try:
                self._context = self._make()
                _log.info("TLS: the certificates have changed and are used from now on")
            except ConfigError as error:
                _log.warning("TLS: the certificates before stay in use: %s", error)
        return self._context


def _stamps(files: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """What changes with a file: a moment, its size, and which one it is."""
    return [_stamp(Path(file)) for file in files]


def _stamp(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def _said(error: OSError) -> str:
    """What OpenSSL or the file system says, without its numbers."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not in PEM form").lower().replace("_", " ")
    return error.strerror or str(error)


def why_not_connected(error: Exception) -> str:
    """Why no connection came about, in a few words for the person who set it up."""
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    return _said(error) if isinstance(error, OSError) else str(error)
