"""One machine among several, in the configuration file. Pure."""

from __future__ import annotations

from pydantic import Field

from callcenter.config.table import Table


class NodeConfig(Table):
    """This machine among those that share a PostgreSQL server (节点); means nothing with SQLite."""

    name: str = Field("", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$")
    """The host's name where empty; each machine has its own."""
    url: str = Field("", pattern=r"^(https?://[^\s/]+/?)?$")
    """Under which the other nodes reach its pages; what [web] says where empty."""
    ca: str = ""
    """Who signed the others' certificates (PEM); the system's list where empty."""
