"""The lines in the configuration file: where they listen, register, and whom they trust. Pure."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator, model_validator

from callcenter.config.table import Table

Transport = Literal["udp", "tcp", "tls"]


class Registrar(Table):
    """Where a line registers (RFC 3261 §10)."""

    host: str
    port: int = Field(0, ge=0, le=65535)
    """Where 0, a name is looked up in DNS (RFC 3263); without records it is 5060, by TLS 5061."""
    user: str
    password: str = Field("", repr=False)
    password_file: str = ""
    """Or $CALLCENTER_SIP_<LINE>, the line's name in capitals."""
    expires: int = Field(300, ge=60, le=86400)
    """Seconds."""
    transport: Literal["", Transport] = ""
    """What DNS says where empty and the port is 0; else the line's first."""

    @model_validator(mode="after")
    def _one_password(self) -> Registrar:
        if self.password and self.password_file:
            raise ValueError("expected password or password_file, not both")
        return self


class TlsConfig(Table):
    """TLS of a line; files are in PEM form."""

    port: int = Field(5061, ge=0, le=65535)
    cert: str = ""
    """Our certificate with its chain; without one we only connect to others."""
    key: str = ""
    ca: str = ""
    """Who signed the certificates of others; the system's list where empty."""
    verify: bool = True
    """Whether the certificates of others are checked."""
    client_ca: str = ""
    """Who must have signed the certificate of whoever connects to us; none is asked for where
    empty."""

    @model_validator(mode="after")
    def _both_or_none(self) -> TlsConfig:
        if self.key and not self.cert:
            raise ValueError("key is given; expected cert, too")
        if self.client_ca and not self.cert:
            raise ValueError("client_ca is given; expected cert, too")
        return self


class LoginConfig(Table):
    """Who calls the line must log in (digest, RFC 3261 §22)."""

    who: Literal["everybody", "strangers"] = "everybody"
    """`strangers`: those whom `allow` does not name; others may speak to the line then. The
    registrar never has to."""
    users_file: str = ""
    """Lines of user:password; or $CALLCENTER_SIP_USERS."""
    realm: str = Field("callcenter", pattern=r"^[!-~]([ -~]{0,62}[!-~])?$")
    algorithms: tuple[Literal["SHA-256", "MD5"], ...] = Field(("MD5",), strict=False, min_length=1)
    """What is offered, the preferred first; many telephones give up where they see SHA-256."""


class LineConfig(Table):
    """A SIP line (线路)."""

    name: str = "main"
    engine: Literal["own", "pyvoip"] = "own"
    """Who does the signalling; pyVoIP, an extra, only takes calls."""
    host: str = "127.0.0.1"
    port: int = Field(5060, ge=0, le=65535)
    advertise: str = ""
    """The address told to the far end, where it differs: behind NAT, or with host 0.0.0.0."""
    rtp_ports: tuple[int, int] | None = Field(None, strict=False)
    """First and last UDP port for sound; the system chooses where absent."""
    codecs: tuple[Literal["PCMU", "PCMA", "G722"], ...] = Field(("PCMU", "PCMA"), strict=False)
    srtp: Literal["off", "offered", "required"] = "offered"
    """Encrypted sound: over TLS alone, or for every call, whoever can read its keys."""
    transport: tuple[Transport, ...] = Field(("udp",), strict=False, min_length=1)
    """What the line speaks; the first where a URI says nothing else."""
    tls: TlsConfig = TlsConfig()
    allow: tuple[str, ...] = Field((), strict=False)
    """Networks that may speak to the line, besides its registrar; any where empty."""
    rate: int = Field(200, ge=0, le=100_000)
    """So many messages a second that belong to no call may come from one source; 0: any number."""
    keep_alive: int = Field(25, ge=0, le=600)
    """Seconds between two datagrams to a registrar by UDP, for a NAT on the way; 0: none."""
    max_calls: int = Field(100, ge=1)
    auto_answer: str = ""
    """Number of the agent for whom this line's calls are answered at once."""
    registrar: Registrar | None = None
    login: LoginConfig | None = None

    @field_validator("allow")
    @classmethod
    def _networks(cls, allow: tuple[str, ...]) -> tuple[str, ...]:
        for network in allow:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError(
                    f"{network!r}: expected an address or a network such as '192.0.2.0/24'"
                ) from None
        return allow

    @model_validator(mode="after")
    def _registrar_is_reached(self) -> LineConfig:
        where = self.registrar.transport if self.registrar else ""
        if where and where not in self.transport:
            raise ValueError(
                f"registrar.transport is {where!r}; expected one of the line's: "
                f"{', '.join(self.transport)}"
            )
        return self
