"""A table of the configuration file, and how its mistakes are told. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

Port = Field(ge=0, le=65535)
MESSAGES = {
    "extra_forbidden": "unknown key; expected one of those in callcenter.example.toml",
    "tuple_type": "expected a list: […], or for tables [[…]]",
}


SECRETS = ("password", "secret", "token", "key")
"""What keys are called whose values nobody may read; a file's name is none."""


def is_secret(key: str) -> bool:
    """Whether this key's value is never told: in no error, no log, no print."""
    return key.endswith(SECRETS)


class Table(BaseModel):
    """A table of the file: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
