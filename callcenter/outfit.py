"""Makes what the configuration names: lines, voices, recogniser, scripts, the house.

Part of the joinery: knows the ports and what is plugged into them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from callcenter.asr import models, site_words
from callcenter.asr.vosk_engine import VoskEngine
from callcenter.asr.vosk_remote import RemoteEngine
from callcenter.audio.browser import BrowserHeadset
from callcenter.audio.headset import Headset
from callcenter.config import AgentConfig, Config, LineConfig
from callcenter.core.events import Event, VoiceChanged
from callcenter.core.house import House
from callcenter.core.ports import Voice
from callcenter.core.records import VoiceState
from callcenter.desk.agents import ReadsAlong
from callcenter.scripts.book import Book
from callcenter.scripts.cards import ASSIST
from callcenter.scripts.judge import Judge
from callcenter.scripts.message_templates import MESSAGES, read_templates
from callcenter.scripts.phrases import PHRASES, read_phrases
from callcenter.scripts.scorecards import SCORECARDS, read_scorecards
from callcenter.scripts.talks import TALKS, read_talks
from callcenter.sip.line.phone_leg import Phone
from callcenter.sip.line.pyvoip_line import PyVoipLine
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.tls import Certificates
from callcenter.sip.line.wires import Access
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.sdes import Secrecy
from callcenter.trials import packs_of

log = logging.getLogger(__name__)


def open_recogniser(config: Config, scripts: Book) -> VoskEngine | RemoteEngine:
    """What hears the calls, as the configuration says."""
    recognition = config.recognition
    own = site_words.configured(recognition.model, recognition.remote, recognition.words)
    if own.problem:
        log.warning("%s", own.problem)
    if recognition.remote:
        return RemoteEngine(recognition.remote)
    phrases = scripts.phrases if recognition.spotting else tuple
    return VoskEngine(own.path, workers=recognition.workers, phrases=phrases)


def recogniser_name(config: Config) -> str:
    """What hears the calls: the name of the model, or the address of the remote recogniser."""
    return config.recognition.remote or models.resolve(config.recognition.model).name


def open_book(config: Config) -> Book:
    """The call scripts that the configuration names. Raises PackError."""
    cards = Path(config.scripts.cards) if config.scripts.cards else ASSIST
    return Book(packs_of(config), judge=Judge.open(), assist=cards)


def line_of(line: LineConfig) -> SipLine:
    registrar, tls = None, line.tls
    if line.registrar:
        where = line.registrar.model_dump() | {"transport": line.registrar.transport.upper()}
        registrar = Registrar(**where)
    certificates = Certificates(tls.cert, tls.key, tls.ca, tls.verify, tls.client_ca)
    spoken = tuple(map(str.upper, line.transport))
    access = Access(spoken, tls.port, certificates, line.allow, line.rate, line.keep_alive)
    kind = PyVoipLine if line.engine == "pyvoip" else SipLine
    return kind(
        line.name,
        line.host,
        line.port,
        codecs=line.codecs,
        secrecy=Secrecy(line.srtp),
        registrar=registrar,
        rtp_ports=line.rtp_ports,
        max_calls=line.max_calls,
        advertise=line.advertise,
        access=access,
    )


def voices_of(
    config: Config,
    lines: dict[str, SipLine],
    publish: Callable[[Event], None],
    now: Callable[[], datetime],
) -> dict[str, Voice]:
    """The agents' sound, by their numbers."""

    def tell(number: str, state: VoiceState) -> None:
        what = (number, state.kind, state.state, state.detail)
        publish(VoiceChanged("", now(), *what))

    return {
        agent.number: _voice(config, agent, lines, partial(tell, agent.number))
        for agent in config.agent
    }


def _voice(
    config: Config,
    agent: AgentConfig,
    lines: dict[str, SipLine],
    tell: Callable[[VoiceState], None],
) -> Voice:
    match agent.voice:
        case "headset":
            return Headset(agent.device, tell)
        case "browser":
            return BrowserHeadset(config.web.voice_host or config.web.host, tell)
        case "phone":
            line = next(each for each in config.line if agent.line in ("", each.name))
            shown = line.registrar.user if line.registrar else line.name
            return Phone(lines[line.name], agent.phone, shown, agent.ring_seconds, tell)
        case "none":
            return ReadsAlong()


def house_of(config: Config) -> House:
    """Raises PackError."""
    scripts = config.scripts
    return House(
        config.house.company,
        config.house.hotline,
        config.hours.clock(),
        config.desk.compensation * 100,
        config.customers.thresholds(),
        read_templates(Path(scripts.messages) if scripts.messages else MESSAGES),
        read_talks(Path(scripts.talks) if scripts.talks else TALKS),
        read_phrases(Path(scripts.phrases) if scripts.phrases else PHRASES),
        read_scorecards(Path(scripts.scorecards) if scripts.scorecards else SCORECARDS),
        config.staff.breaks,
        config.staff.away,
        config.staff.after_call,
    )
