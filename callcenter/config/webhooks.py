"""Programs elsewhere that are told what happens (Webhook 推送), in the configuration file. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from callcenter.config.table import Table
from callcenter.core.webhooks import Form, Topic

SECRET = "{secret}"  # noqa: S105  (the place for it in a URL)


class WebhookConfig(Table):
    """A program that is told."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    url: str
    secret_file: str = ""
    """Or $CALLCENTER_WEBHOOK_<NAME>: signs what is told; or stands in the URL for {secret}."""
    form: Form = "own"
    events: tuple[Topic, ...] = Field(("call",), strict=False, min_length=1)
    masked: bool = True
    """Telephone numbers with their middle hidden."""
    give_up_days: int = Field(3, ge=1, le=30)
    ca: str = ""
    """Who signed the target's certificate; the system's list where empty."""

    @property
    def variable(self) -> str:
        """The environment variable that may hold the secret."""
        return f"CALLCENTER_WEBHOOK_{self.name.upper().replace('-', '_')}"

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port, parts = "", None, urlsplit("")
        plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
        if not (plain and host and port != 0) or SECRET in parts.netloc + parts.query:
            raise ValueError("expected a URL such as https://crm.example.com/hooks/callcenter")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host)):
            raise ValueError("expected https://…; http only to a program of this machine")
        return url

    @model_validator(mode="after")
    def _fits_its_form(self) -> WebhookConfig:
        if self.form == "zammad" and (SECRET not in self.url or set(self.events) != {"call"}):
            raise ValueError(
                'form "zammad" is told of calls only, and its URL ends in /api/v1/cti/{secret}, '
                "with the token in secret_file"
            )
        return self


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
