"""What a person does with their own login: password, second factor, the sessions that are open."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from callcenter.casework.staff import second_factor
from callcenter.web.access.gate import cookie_in
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import In, Out
from callcenter.web.api.logins import Code, Password, browser_of, doors_of, set_cookie
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom

router = APIRouter(prefix="/me", tags=["我的账号"])


class MeOut(Out):
    """Who is logged in."""

    name: str
    agent: str
    roles: list[str]


class ChangePassword(In):
    """The old password and the new one."""

    old: Password
    new: Password


class Prove(In):
    """The password once more: who found a browser open must not change how it is locked."""

    password: Password


class GiveCode(In):
    """What the authenticator shows."""

    code: Code


class SwitchOff(Prove):
    """The password and a code, or one of the recovery codes."""

    code: Code = ""


class FactorOut(Out):
    """Whether a login asks for a code, and how many recovery codes there are left."""

    on: bool
    codes_left: int


class SecretOut(Out):
    """For the authenticator, shown this once; `qr` is the same to be scanned, "1" is dark."""

    secret: str
    address: str
    qr: list[str]


class RecoveryOut(Out):
    """To be written down, shown this once: each lets in once in place of a code."""

    codes: list[str]


class SessionOut(Out):
    """A browser that this person is logged in with; `here`: the one that asks."""

    opened_at: datetime
    until: datetime
    browser: str
    here: bool


@router.get("", summary="当前登录")
async def me() -> MeOut:
    """Who asks."""
    visitor = ASKING.get()
    return MeOut(name=visitor.name, agent=visitor.agent, roles=sorted(visitor.roles))


@router.post("/password", summary="修改密码", responses=problems(401, 422))
async def change(request: Request, response: Response, wanted: ChangePassword) -> None:
    """Every other session of this person ends."""
    given = (ASKING.get().name, wanted.old, wanted.new, browser_of(request))
    cookie = await run_in_threadpool(doors_of(request).change, *given)
    request.app.state.known.forget()
    set_cookie(request, response, cookie)


@router.get("/sessions", summary="我的登录", responses=problems(404))
async def sessions(request: Request) -> list[SessionOut]:
    """Where one is logged in, the newest first."""
    ask = partial(doors_of(request).sessions, ASKING.get().name, cookie_in(request.headers))
    return [SessionOut.model_validate(one) for one in await run_in_threadpool(ask)]


@router.delete("/sessions", summary="退出其他登录", status_code=204, responses=problems(404))
async def leave_others(request: Request) -> Response:
    """Every session of this person ends but the one that asks."""
    leave = partial(doors_of(request).leave_others, ASKING.get().name, cookie_in(request.headers))
    await run_in_threadpool(leave)
    request.app.state.known.forget()
    return Response(status_code=204)


@router.get("/second-factor", summary="二次验证", responses=problems(404))
async def factor(request: Request) -> FactorOut:
    """Whether one's own login asks for a code."""
    found = await run_in_threadpool(doors_of(request).factor, ASKING.get().name)
    return FactorOut.model_validate(found)


@router.post(
    "/second-factor", summary="开始二次验证", status_code=201, responses=problems(401, 404, 422)
)
async def begin(request: Request, room: InRoom, wanted: Prove) -> SecretOut:
    """A secret for the authenticator; in force when a first code of it has been given."""
    name = ASKING.get().name
    secret = await run_in_threadpool(doors_of(request).begin_factor, name, wanted.password)
    address = second_factor.address(name, secret, room.house.company)
    return SecretOut(secret=secret, address=address, qr=second_factor.squares(address))


@router.put("/second-factor", summary="确认二次验证", responses=problems(404, 422))
async def confirm(request: Request, wanted: GiveCode) -> RecoveryOut:
    """A first code: from now on one is asked for."""
    name = ASKING.get().name
    return RecoveryOut(
        codes=await run_in_threadpool(doors_of(request).confirm_factor, name, wanted.code)
    )


@router.post(
    "/second-factor/off", summary="关闭二次验证", status_code=204, responses=problems(401, 404)
)
async def switch_off(request: Request, wanted: SwitchOff) -> Response:
    """No code is asked for any more."""
    given = (ASKING.get().name, wanted.password, wanted.code)
    await run_in_threadpool(doors_of(request).drop_factor, *given)
    return Response(status_code=204)
