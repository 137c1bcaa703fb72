"""Who can get in: passwords, sessions, one-time links, tokens for machines. Secrets are kept as
hashes only, and never in the trail. See store/tables.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base


class Credential(Base):
    """A person's password, and how often it was tried wrongly."""

    __tablename__ = "credentials"

    person: Mapped[str] = mapped_column(primary_key=True)
    password: Mapped[str]
    """An argon2id hash with its parameters."""
    changed_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    """Wrong tries in a row."""
    locked_until: Mapped[datetime | None]


class LoginSession(Base):
    """A browser that somebody has logged in with."""

    __tablename__ = "login_sessions"

    secret: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the cookie."""
    person: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    browser: Mapped[str] = mapped_column(default="", server_default="")
    """What it says of itself (User-Agent), so that its owner knows it again."""


class SecondFactor(Base):
    """What a person proves beside the password: codes of an authenticator (TOTP, RFC 6238)."""

    __tablename__ = "second_factors"

    person: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    """Base32, sealed with the house's key: who reads the store can make no codes."""
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """None until a first code has shown that the authenticator has it: until then none is asked."""
    last_step: Mapped[int]
    """Of 30 s since 1970, of the last code that let in: each code does so once."""
    recovery: Mapped[list[Any]]
    """SHA-256 of the codes for who has lost the authenticator; each is used once."""


class Invitation(Base):
    """A link that lets a person set their password, once."""

    __tablename__ = "invitations"

    secret: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of what the link holds."""
    person: Mapped[str] = mapped_column(index=True)
    """"" for whoever runs the machine: the first to come in."""
    until: Mapped[datetime]


class ApiToken(Base):
    """What lets a program in."""

    __tablename__ = "api_tokens"

    secret: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the token."""
    name: Mapped[str] = mapped_column(unique=True)
    """What the program is called; also who signs what it does for itself."""
    roles: Mapped[list[Any]]
    for_others: Mapped[bool]
    """May sign with other people's names, such as a customer system that has logins of its own."""
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    until: Mapped[datetime]
