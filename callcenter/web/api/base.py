"""The roots of what the API says and hears, as pydantic models. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
"""A name, a title, a number: what fits into one line of a form."""
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$"
    ),
]
"""Who does it: a seat number or a name."""
Text = Annotated[str, Field(max_length=4000)]
"""What people tell."""


BYTES = {"schema": {"type": "string", "format": "binary"}}
"""What the OpenAPI document says of a file."""


LARGEST = 2**31 - 1
"""The largest number of a row: what is larger, no database keeps."""


class Out(BaseModel):
    """Read from a record or a row by its attributes."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """A body: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid")
