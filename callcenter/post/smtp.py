"""Sends e-mail through a mail server (SMTP, RFC 5321). Touches the network; called in a thread."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from mimetypes import guess_type
from pathlib import Path

from callcenter.core.errors import NotSent
from callcenter.core.messages import Letter

TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls`: "starttls", "tls" from the first byte, or "off"."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"


class Smtp:
    """core.office.Messenger over a mail server; a connection for each letter."""

    def __init__(
        self, server: MailServer, trusted: Callable[[], ssl.SSLContext] = ssl.create_default_context
    ) -> None:
        self._server = server
        self._trusted = trusted

    def send(self, letter: Letter) -> str:
        """Hand the letter in; the id of the message. Raises NotSent."""
        message = EmailMessage()
        message["From"], message["To"] = self._server.sender, letter.to
        message["Subject"], message["Message-ID"] = letter.subject, make_msgid()
        message.set_content(letter.text, cte="base64")
        try:
            for path in map(Path, letter.files):
                main, _, sub = (guess_type(path)[0] or "application/octet-stream").partition("/")
                content = path.read_bytes()
                message.add_attachment(content, maintype=main, subtype=sub, filename=path.name)
            with self._connected() as connection:
                connection.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # A refusal's text may repeat the address: only its kind and code are told.
            code = getattr(error, "smtp_code", "")
            where = f"{self._server.host}:{self._server.port}"
            told = f"{type(error).__name__} {code}".strip()
            raise NotSent(f"mail server {where} did not take the letter: {told}") from error
        return str(message["Message-ID"])

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        where = (server.host, server.port)
        if server.tls == "tls":
            context = self._trusted()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                *where, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)
        try:
            if server.tls == "starttls":
                connection.starttls(context=self._trusted())
            if server.user:
                connection.login(server.user, server.password)
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
        return connection
