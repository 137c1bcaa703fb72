"""Certificates: what TLS shows of us and asks of others. Touches files."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from callcenter.core.errors import ConfigError


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form, "" being none.

    `cert` (with its chain) and `key` are ours: without them we only connect to others. `ca` is who
    must have signed the certificates of others; the system's list where empty.
    """

    cert: str = ""
    key: str = ""
    ca: str = ""
    verify: bool = True

    def for_server(self) -> ssl.SSLContext | None:
        """For connections that others make; None without a certificate. Raises ConfigError."""
        if not self.cert:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._show(context)
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
