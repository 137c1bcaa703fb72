"""Events and snapshots as JSON, and back, for who is not in this process: other nodes. Pure.

The form is that of `as_dict`; what is read back is made by the annotations of the dataclasses, so a
new event travels without a word here. What does not fit them raises ValueError: who reads may run
an older version of the house.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from callcenter.core import events
from callcenter.core.event import Event, as_dict

T = TypeVar("T")
Reader = Callable[[Any], Any]
_MOMENTS = (datetime, date, time)


def event_to_json(event: Event) -> str:
    """One line."""
    return json.dumps(as_dict(event), ensure_ascii=False, separators=(",", ":"), default=str)


def event_from_json(text: str) -> Event:
    """Raises ValueError for what is no event of this version."""
    told = _object(text)
    kind = _kinds().get(str(told.pop("event", "")))
    if kind is None:
        raise ValueError("no such event")
    return read(kind, told)


def to_json(record: Any) -> str:
    """Any record (a dataclass) as one line."""
    return json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":"), default=_plain)


def from_json(kind: type[T], text: str) -> T:
    """The record. Raises ValueError."""
    return read(kind, _object(text))


def read(kind: type[T], told: Any) -> T:
    """A record of this kind out of JSON types. Raises ValueError."""
    try:
        reader: Reader = _record(cast(Any, kind))
        found: T = reader(told)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from None
    return found


def _object(text: str) -> dict[str, Any]:
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("expected an object")
    return told


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, _MOMENTS) else str(value)


@cache
def _kinds() -> dict[str, type[Event]]:
    def below(kind: type[Event]) -> Iterator[type[Event]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return {kind.__name__: kind for kind in below(Event) if hasattr(events, kind.__name__)}


@cache
def _reader(hint: Any) -> Reader:
    """How a value with this annotation is read."""
    if hint is Any:
        return lambda value: value
    if isinstance(hint, type) and get_origin(hint) is None:
        return _of_class(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _optional(args)
    if origin is tuple:
        return _tuple(args)
    if origin is list:
        inner = _reader(args[0])
        return lambda value: [inner(one) for one in value]
    if origin is dict:
        return lambda value: dict(value)
    raise TypeError(f"{hint!r} cannot be read from JSON")


def _of_class(kind: type[Any]) -> Reader:
    if is_dataclass(kind):
        return _record(kind)
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, _MOMENTS):
        return kind.fromisoformat
    if kind is float:
        return float

    def plain(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    return plain


@cache
def _record(kind: type[Any]) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind) if field.init}

    def record(value: Any) -> Any:
        given = {name: reader(value[name]) for name, reader in readers.items() if name in value}
        return kind(**given)

    return record


def _optional(args: tuple[Any, ...]) -> Reader:
    """`X | None`; of several others the first that fits."""
    readers = [_reader(arg) for arg in args if arg is not type(None)]

    def some(value: Any) -> Any:
        if value is None:
            return None
        for reader in readers[:-1]:
            try:
                return reader(value)
            except (TypeError, ValueError, KeyError):
                continue
        return readers[-1](value)

    return some


def _tuple(args: tuple[Any, ...]) -> Reader:
    if len(args) == 2 and args[1] is Ellipsis:
        inner = _reader(args[0])
        return lambda value: tuple([inner(one) for one in value])
    readers = [_reader(arg) for arg in args]
    return lambda value: tuple([r(one) for r, one in zip(readers, value, strict=True)])
