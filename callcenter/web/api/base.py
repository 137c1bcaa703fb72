"""The root of what the API says, as a pydantic model. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    """Read from a record or a row by its attributes."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """A body: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid")
