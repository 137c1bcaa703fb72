"""The agents' sound: how it stands, its test, and a browser that becomes an agent's headset."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from callcenter.core.errors import NotNow
from callcenter.core.ports import BrowserVoice, LocalVoice
from callcenter.core.records import VoiceState
from callcenter.web.api.base import Out
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom

router = APIRouter(prefix="/agents/{number}", tags=["座席"])


class LevelOut(Out):
    """How loud the last 200 ms were, in dBFS: 0 is the loudest there is, -96 silence."""

    peak: float
    rms: float


class VoiceOut(Out):
    """`kind` is headset, phone, browser or none; `state` idle, ringing, connected or lost.

    `device` is a headset's as it is configured, the system's default where empty; `detail` the
    one in use, or what is wrong.
    """

    kind: str
    state: str
    detail: str
    microphone: LevelOut
    ear: LevelOut
    device: str = ""


class Offer(BaseModel):
    """A page's offer of a headset: SDP with one sound (RFC 8829)."""

    model_config = ConfigDict(extra="forbid")

    sdp: Annotated[str, StringConstraints(min_length=1, max_length=32_000)]


class Answer(BaseModel):
    """Ours to it."""

    sdp: str


@router.get("/voice", summary="座席话音")
async def voice(room: InRoom, number: str) -> VoiceOut:
    """How an agent's sound stands, and how loud it is; cheap enough for a level meter."""
    found = room.voices.get(number)
    device = found.device if isinstance(found, LocalVoice) else ""
    return _told(found.state() if found else VoiceState("none"), device)


@router.post("/voice", summary="浏览器耳麦", responses=problems(409, 422, 503))
async def connect(room: InRoom, number: str, offer: Offer) -> Answer:
    """This browser is the agent's headset from now on; another one that was is let go."""
    found = room.voices.get(number)
    if not isinstance(found, BrowserVoice):
        raise NotNow(f'agent {number} has no headset at the browser; expected voice = "browser"')
    return Answer(sdp=await found.connect(offer.sdp))


@router.post("/voice/echo", summary="耳麦回声测试", responses=problems(409, 503))
async def echo(room: InRoom, number: str) -> VoiceOut:
    """Two seconds of what the headset at this machine hears are played back in it, not in a call.

    Answers when they are over, after five seconds; `microphone` is how loud the two were.
    """
    found = room.voices.get(number)
    if not isinstance(found, LocalVoice):
        raise NotNow(f'agent {number} has no headset at this machine; expected voice = "headset"')
    return _told(await found.try_out(), found.device)


def _told(state: VoiceState, device: str) -> VoiceOut:
    return VoiceOut.model_validate(state).model_copy(update={"device": device})
