"""The OpenAPI document, from which clients are made (tests/calls/test_client.py makes one)."""

from __future__ import annotations

from fastapi import FastAPI


def test_operations_have_names_that_last_and_say_what_they_are_for(app: FastAPI) -> None:
    """Clients that were made of an older document call the same functions."""
    document = app.openapi()
    asked = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in asked]
    assert len(set(names)) == len(names)
    assert {"calls_get_call", "customers_open_file", "live_events"} <= set(names)
    assert [one["operationId"] for one in asked if not one.get("tags")] == []
    assert [one["operationId"] for one in asked if not one.get("summary")] == []
    assert [one["operationId"] for one in asked if not one.get("description")] == []


def test_models_of_different_rooms_have_different_names(app: FastAPI) -> None:
    """Else they would be called after their modules, and the generator stumbles."""
    models = app.openapi()["components"]["schemas"]
    assert [name for name in models if "__" in name] == []
