"""Turns what goes wrong into `{"detail": one sentence}`, or into a page where a page was asked."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from callcenter.core.errors import (
    ArchiveAway,
    ExportFailed,
    MissingPiece,
    NoSuchBlock,
    NoSuchCall,
    NoSuchCase,
    NoSuchPromise,
    NoSuchRecord,
    NoSuchWorkOrder,
    NotDialled,
    NotLetIn,
    NotNow,
    PackError,
    Refused,
    StoreAway,
    StoreError,
)
from callcenter.web.pages.language import of, say, speaking
from callcenter.web.pages.render import render
from callcenter.web.pages.words.outbound import OUTBOUND_WORDS

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
    ArchiveAway: 503,
    StoreAway: 503,
    StoreError: 503,
}
"""What each of our errors is in HTTP."""
AWAY = "数据库暂时不可用：这一步没有保存，请稍后再试；正在进行的通话不受影响"


def install(app: FastAPI) -> None:
    """Give the app its answers to errors."""
    for kind, status in STATUS.items():
        app.add_exception_handler(kind, _with_status(status))
    app.add_exception_handler(NotDialled, _not_dialled)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def _with_status(status: int) -> Any:
    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, status, AWAY if type(error) is StoreAway else str(error))

    return handle


async def _not_dialled(request: Request, error: Exception) -> Response:
    """Said to the agent as their page speaks: it is they who must know what to do."""
    assert isinstance(error, NotDialled)
    with speaking(of(request)):
        told = say(OUTBOUND_WORDS["dial_refused"][error.rule], limit=error.limit)
    return answer(request, STATUS[Refused], told)


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
