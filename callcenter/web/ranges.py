"""Which bytes of a file a Range header asks for (RFC 9110, section 14). Pure."""

from __future__ import annotations

import re

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII)


class Unsatisfiable(ValueError):
    """The range lies outside the file; answered with 416."""


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the byte after the last, or None for the whole file.

    What is not one well-formed byte range is ignored, as section 14.2 allows. Raises Unsatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header) if header else None
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first == "":
        return _last_bytes(int(last), size)
    start = int(first)
    stop = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, stop


def _last_bytes(count: int, size: int) -> tuple[int, int]:
    if count == 0 or size == 0:
        raise Unsatisfiable
    return max(0, size - count), size


def names_etag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names this entity tag or every one (section 13.1.2)."""
    if header is None:
        return False
    names = [name.strip().removeprefix("W/") for name in header.split(",")]
    return "*" in names or etag in names
