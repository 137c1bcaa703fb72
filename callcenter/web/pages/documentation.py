"""The API's documentation at /docs, rendered here from our own OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.web.pages.render import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or one field of a body or an answer."""

    name: str
    kind: str
    where: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, flattened for reading."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    takes: tuple[Field, ...]
    gives: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]


@router.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """Every operation with its fields; /openapi.json is the same for programs."""
    described = request.app.openapi()
    return render(
        request,
        "docs.html",
        info=described["info"],
        operations=list(operations(described)),
    )


def operations(described: dict[str, Any]) -> Iterator[Operation]:
    """The operations of an OpenAPI description, in its order."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield _operation(described, path, method, operation)


def _operation(
    described: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> Operation:
    takes = [_parameter(described, each) for each in operation.get("parameters", ())]
    takes += _fields(described, _json(operation.get("requestBody", {})), "body")
    answers: dict[str, dict[str, Any]] = operation["responses"]
    good = next((answer for code, answer in answers.items() if code.startswith("2")), {})
    return Operation(
        method=method.upper(),
        path=path,
        tag=operation.get("tags", [""])[0],
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        takes=tuple(takes),
        gives=tuple(_fields(described, _json(good), "answer")),
        answers=tuple((code, a.get("description", "")) for code, a in answers.items()),
    )


def _parameter(described: dict[str, Any], parameter: dict[str, Any]) -> Field:
    kind = kind_of(described, parameter.get("schema", {}))
    return Field(parameter["name"], kind, parameter["in"], parameter.get("required", False))


def _json(carrier: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = (
        carrier.get("content", {}).get("application/json", {}).get("schema", {})
    )
    return schema


def _fields(described: dict[str, Any], schema: dict[str, Any], where: str) -> list[Field]:
    whole = _resolved(described, schema)
    if whole.get("type") == "array":
        whole = _resolved(described, whole["items"])
    required = whole.get("required", ())
    return [
        Field(name, kind_of(described, each), where, name in required)
        for name, each in whole.get("properties", {}).items()
    ]


def _resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(described, choice)
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = described["components"]["schemas"][name] if name else schema
    return found


def kind_of(described: dict[str, Any], schema: dict[str, Any]) -> str:
    """A schema in a few words: integer, text, a list of SegmentOut, one of a, b."""
    if "anyOf" in schema:
        return " | ".join(kind_of(described, choice) for choice in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].removesuffix("Out")
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"[{kind_of(described, schema.get('items', {}))}]"
    return str(schema.get("format", schema.get("type", "any")))
