"""Turns what goes wrong into `{"detail": one sentence}`, or into a page where a page was asked."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from callcenter.core.errors import (
    ExportFailed,
    MissingPiece,
    NoSuchBlock,
    NoSuchCall,
    NoSuchCase,
    NoSuchPromise,
    NoSuchRecord,
    NoSuchWorkOrder,
    NotLetIn,
    NotNow,
    PackError,
    Refused,
    StoreAway,
    StoreError,
)
from callcenter.web.pages.render import render

STATUS: dict[type[Exception], int] = {
    NoSuchBlock: 404,
    NoSuchCall: 404,
    NoSuchWorkOrder: 404,
    NoSuchCase: 404,
    NoSuchPromise: 404,
    NoSuchRecord: 404,
    NotLetIn: 401,
    NotNow: 409,
    Refused: 422,
    PackError: 422,
    MissingPiece: 503,
    ExportFailed: 503,
    StoreAway: 503,
    StoreError: 503,
}
"""What each of our errors is in HTTP."""


def install(app: FastAPI) -> None:
    """Give the app its answers to errors."""
    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _with_status(status))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def _with_status(status: int) -> Any:
    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, status, str(error))

    return handle


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request, 422, sentence(error.errors()[0]))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(request, error.status_code, str(error.detail), error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    return answer(request, 500, "the service failed on this request; its log says where")


def sentence(problem: Any) -> str:
    """One validation problem as "where: what is expected"; the value itself is not repeated."""
    where = ".".join(str(part) for part in problem["loc"] if part != "body")
    return f"{where or 'body'}: {problem['msg']}"


def answer(request: Request, status: int, detail: str, headers: Any = None) -> Response:
    """The error as JSON under /api, as a page elsewhere."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": detail}, status, headers)
    page = render(request, "error.html", status=status, detail=detail)
    page.status_code = status
    return page
