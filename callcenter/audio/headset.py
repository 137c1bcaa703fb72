"""An agent's headset at this machine: its card lives in a process of its own, as long as a call.

When the headset is pulled out the call goes on in silence, the agent is told, and the sound comes
back with the device.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcenter.audio.agent_sound import AgentLeg
from callcenter.audio.card_process import CardProcess
from callcenter.audio.trial import Trial
from callcenter.core.errors import MissingPiece, NotNow
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Level, VoiceState

TRY_AGAIN_S = 2.0
"""Between two looks for a headset that was pulled out."""


class Headset:
    """core.ports.LocalVoice over a sound device, named by its name or a part of it."""

    def __init__(self, device: str, tell: Callable[[VoiceState], None]) -> None:
        """`tell` is told of every change."""
        self.device = device
        self._tell = tell
        self._state, self._detail = "idle", ""
        self._leg: AgentLeg | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self._opening = 0
        self._trial: Trial | None = None
        self._trying: asyncio.Task[VoiceState] | None = None

    async def open(self, gone: Gone) -> Leg:
        """Open the device, both ways; its wearer never leaves by pulling it out.

        Raises MissingPiece.
        """
        self._opening += 1
        try:
            await self._end_trial()
            card = await CardProcess.start(self.device)
        finally:
            self._opening -= 1
        leg = AgentLeg()
        task = asyncio.get_running_loop().create_task(self._carry(leg, card))
        leg.on_close = task.cancel
        self._leg = leg
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        self._set("connected", card.name)
        await asyncio.sleep(0)  # let it begin: a task that never began cleans nothing up
        return leg

    def state(self) -> VoiceState:
        """How it stands."""
        levels = self._leg.levels() if self._leg else (Level(), Level())
        if self._trial:
            levels = self._trial.level(), Level()
        return VoiceState("headset", self._state, self._detail, *levels)

    async def try_out(self) -> VoiceState:
        """Play back two seconds of what the microphone hears; the device that was opened, and how
        loud its microphone was. A call that is answered meanwhile ends it.

        Raises NotNow, MissingPiece.
        """
        if self._leg or self._opening or self._trial:
            raise NotNow("this headset is in use; try it again while it is in no call")
        self._trial = Trial()
        self._trying = trying = asyncio.create_task(self._trial.run(self.device))
        try:
            await asyncio.wait({trying})
        finally:
            await self._end_trial()
            self._trial = self._trying = None
        if trying.cancelled():
            raise NotNow("a call was answered; try it again when it is over")
        return trying.result()

    async def close(self) -> None:
        """Wait until the device is free."""
        await self._end_trial()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _end_trial(self) -> None:
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait({self._trying})

    async def _carry(self, leg: AgentLeg, card: CardProcess | None) -> None:
        """The card's sound to the leg; where the card goes, wait for it to come back."""
        try:
            while True:
                if card is not None:
                    leg.player = card
                    await card.carry(leg.say)
                    leg.player = None
                    self._set("lost", f"sound device {card.name!r} is gone; it is waited for")
                    await card.end()
                    card = None
                await asyncio.sleep(TRY_AGAIN_S)
                card = await self._look_again()
        finally:
            leg.player = None
            if self._leg is leg:
                self._leg = None
                self._set("idle", "")
            if card is not None:
                await card.end()

    async def _look_again(self) -> CardProcess | None:
        try:
            card = await CardProcess.start(self.device)
        except MissingPiece:
            return None
        self._set("connected", card.name)
        return card

    def _set(self, state: str, detail: str) -> None:
        self._state, self._detail = state, detail
        self._tell(self.state())
