"""Where agents sit: at the browser that is connected with this node, or with another, from which
their sound is then fetched by a telephone call between the two.

Part of the joinery: knows the ports and what is plugged into them.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping

from callcenter.config import Config
from callcenter.core.errors import NotNow
from callcenter.core.events import Event, VoiceChanged
from callcenter.core.ports import AgentVoice, BrowserVoice, Gone, Leg, Voice
from callcenter.core.records import VoiceState
from callcenter.desk.lending import Lending
from callcenter.sip.line.addresses import reachable
from callcenter.sip.line.phone_leg import Phone
from callcenter.sip.line.sip_line import SipLine

ASK, TELL, SIT = "seat", "seated", "sit"
"""The words: may I have the sound of this seat; ring this; the headsets that are connected here."""
ASKED_SECONDS = 3.0
RING_SECONDS = 5.0
Say = Callable[[str, str], None]


class Seats:
    """Which browsers are connected where, and the way to those that are elsewhere."""

    def __init__(self, config: Config, name: str, say: Say) -> None:
        self.lending = Lending()
        self._config = config
        self._name = name
        self._say = say
        self._lines: Mapping[str, SipLine] = {}
        self._voices: Mapping[str, Voice] = {}
        self._elsewhere: dict[str, str] = {}
        """The node at which an agent's headset is."""
        self._asked: dict[str, asyncio.Future[str]] = {}

    def plug(self, lines: Mapping[str, SipLine], voices: Mapping[str, Voice]) -> None:
        """The lines of this node, and its agents' sound."""
        self._lines, self._voices = lines, voices

    def voice(self, number: str) -> AgentVoice:
        """The agent's sound, wherever they sit."""
        own = self._voices[number]

        async def opened(gone: Gone) -> Leg:
            node = self._elsewhere.get(number, "")
            here = own.state().state in ("connected", "lost")
            if not isinstance(own, BrowserVoice) or here or not node:
                return await own.open(gone)
            return await self._fetched(number, node, gone)

        return opened

    def heard(self, node: str, event: Event) -> None:
        """A headset was connected with another node, or let go there."""
        if not isinstance(event, VoiceChanged) or event.kind != "browser":
            return
        if event.state == "connected":
            self._elsewhere[event.agent] = node
        elif event.state == "idle" and self._elsewhere.get(event.agent) == node:
            del self._elsewhere[event.agent]

    def lost(self, node: str) -> None:
        """This node is dead, or has ended."""
        self._elsewhere = {agent: at for agent, at in self._elsewhere.items() if at != node}

    def tell(self) -> None:
        """Say whose headsets are connected here, for who has just come."""
        browsers = [n for n, one in self._voices.items() if isinstance(one, BrowserVoice)]
        here = [n for n in browsers if self._voices[n].state().state == "connected"]
        if here:
            self._say(SIT, json.dumps(here))

    def take_word(self, node: str, kind: str, text: str) -> bool:
        """Whether this word was about seats. Raises ValueError."""
        if kind == SIT:
            self._elsewhere |= dict.fromkeys(map(str, json.loads(text)), node)
        elif kind in (ASK, TELL):
            told = json.loads(text)
            if told.get("to") == self._name:
                (self._answer if kind == ASK else self._answered)(node, told)
        return kind in (SIT, ASK, TELL)

    def _answer(self, node: str, told: Mapping[str, str]) -> None:
        """Another node wants the sound of a seat of ours, for a call of its own."""
        user = self.lending.promise(str(told["key"]), str(told["agent"]))
        uri = f"sip:{user}@{self._address()}"
        self._say(TELL, json.dumps({"to": node, "key": told["key"], "uri": uri}))

    def _answered(self, node: str, told: Mapping[str, str]) -> None:
        asked = self._asked.pop(str(told["key"]), None)
        if asked is not None and not asked.done():
            asked.set_result(str(told["uri"]))

    async def _fetched(self, number: str, node: str, gone: Gone) -> Leg:
        """Raises NotNow."""
        key = secrets.token_hex(16)
        asked = self._asked[key] = asyncio.get_running_loop().create_future()
        self._say(ASK, json.dumps({"to": node, "key": key, "agent": number}))
        try:
            async with asyncio.timeout(ASKED_SECONDS):
                uri = await asked
        except TimeoutError:
            raise NotNow(f"agent {number} sits at node {node}, which does not answer") from None
        finally:
            self._asked.pop(key, None)
        line = self._lines[self._config.line[0].name]
        try:
            return await Phone(line, uri, number, RING_SECONDS, _nobody).open(gone)
        except NotNow as error:
            raise NotNow(f"agent {number} sits at node {node}, and cannot be heard") from error

    def _address(self) -> str:
        line = self._config.line[0]
        host = line.advertise or reachable(line.host)
        return f"[{host}]:{self._port()}" if ":" in host else f"{host}:{self._port()}"

    def _port(self) -> int:
        return self._lines[self._config.line[0].name].port


def _nobody(state: VoiceState) -> None:
    """How such a call stands says nothing of the headset."""
