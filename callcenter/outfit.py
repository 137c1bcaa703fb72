"""Makes what the configuration names: lines, voices, recogniser, scripts, the house.

Part of the joinery: knows the ports and what is plugged into them.
"""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from callcenter.asr import models, site_words
from callcenter.asr.vosk_engine import VoskEngine
from callcenter.asr.vosk_remote import RemoteEngine
from callcenter.audio.browser import BrowserHeadset
from callcenter.audio.headset import Headset
from callcenter.audio.hiding import hide_in
from callcenter.audio.recording import WavRecorder
from callcenter.audio.two_recorders import TwoRecorders
from callcenter.casework.originals import Originals
from callcenter.config import AgentConfig, Config, LineConfig, WebConfig
from callcenter.config.house import secret
from callcenter.config.sip_users import users_of
from callcenter.core.errors import ConfigError
from callcenter.core.events import Event, VoiceChanged
from callcenter.core.house import House
from callcenter.core.office import Seal
from callcenter.core.outbound import Limits
from callcenter.core.ports import Voice
from callcenter.core.records import RecordingInfo, VoiceState
from callcenter.core.redaction import Hidden, Hiding
from callcenter.desk.agents import ReadsAlong
from callcenter.desk.calling_out import Rein
from callcenter.desk.hearers import Hearers
from callcenter.desk.outliner import Outliner
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
from callcenter.sip.signal.login import Accounts
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.sdes import Secrecy
from callcenter.store import outline, recordings
from callcenter.store.outbound import SqlTolls
from callcenter.store.recordings import Recordings
from callcenter.store.s3 import Place, S3Archive
from callcenter.store.sql import Store
from callcenter.trials import packs_of
from callcenter.vault.keys import VARIABLE, Keys
from callcenter.vault.seal import AesSeal

log = logging.getLogger(__name__)
OUTLINED = 200
"""Recordings of the newest calls that are measured at the start where they are not yet."""


def keys_of(config: Config, *, make: bool = False) -> Keys:
    """The house's keys; only the service makes a first one."""
    return Keys(config.key_file, os.environ.get(VARIABLE, ""), make=make)


def seal_of(config: Config, *, make: bool = False) -> AesSeal:
    """What seals with the house's key, which is read when it is first needed.

    `make`: at once, and made where there is none yet. Raises ConfigError.
    """
    keys = keys_of(config, make=make)
    if make:
        keys.newest()
    return AesSeal(keys)


def open_recogniser(config: Config, scripts: Book) -> VoskEngine | RemoteEngine:
    """What hears the calls, as the configuration says."""
    recognition = config.recognition
    remote = recognition.remote
    own = site_words.configured(recognition.model, remote, recognition.words)
    if own.problem:
        log.warning("%s", own.problem)
    if remote:
        return RemoteEngine(*remote)
    phrases = scripts.phrases if recognition.spotting else tuple
    return VoskEngine(own.path, workers=recognition.workers, phrases=phrases)


def hearers_of(recogniser: VoskEngine | RemoteEngine) -> Hearers:
    """The servers that recognise; none where that is done in this process."""
    return Hearers(recogniser.servers if isinstance(recogniser, RemoteEngine) else tuple)


def recogniser_name(config: Config) -> str:
    """What hears the calls: the name of the model, or the addresses of the servers."""
    return ", ".join(config.recognition.remote) or models.resolve(config.recognition.model).name


def open_book(config: Config) -> Book:
    """The call scripts that the configuration names. Raises PackError."""
    cards = Path(config.scripts.cards) if config.scripts.cards else ASSIST
    return Book(packs_of(config), judge=Judge.open(), assist=cards)


def limits_of(config: Config) -> Limits:
    """What may be dialled."""
    return config.outbound.limits(config.hours.clock().zone)


def rein_of(config: Config, store: Store, now: Callable[[], datetime]) -> Rein:
    """The limits, and who knows what was dialled already."""
    return Rein(limits_of(config), SqlTolls(store, now))


def certificates_of(web: WebConfig) -> Callable[[], ssl.SSLContext] | None:
    """What the pages show, following its files; None for plain HTTP. Raises ConfigError."""
    try:
        return Certificates(web.cert, web.key).renewed_server()
    except ConfigError as error:
        raise ConfigError(str(error).replace("tls.", "web.")) from None


def login_of(line: LineConfig) -> tuple[Accounts | None, bool]:
    """Who may log in, and whether only strangers must. Raises ConfigError."""
    login = line.login
    if login is None:
        return None, False
    try:
        users = users_of(login.users_file)
    except ConfigError as error:
        raise ConfigError(f"line {line.name}: login: {error}") from None
    return Accounts(users, login.realm, login.algorithms), login.who == "strangers"


def line_of(line: LineConfig, limits: Limits | None = None) -> SipLine:
    """Raises ConfigError where the users of its login cannot be read."""
    registrar, tls = None, line.tls
    if line.registrar:
        where = line.registrar.model_dump(exclude={"password_file"})
        where |= {"transport": line.registrar.transport.upper()}
        registrar = Registrar(**where | {"password": _password(line)})
    certificates = Certificates(tls.cert, tls.key, tls.ca, tls.verify, tls.client_ca)
    spoken = tuple(map(str.upper, line.transport))
    doors = (line.allow, line.rate, line.keep_alive, *login_of(line))
    access = Access(spoken, tls.port, certificates, *doors)
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
        may_reach=limits.may_reach if limits else lambda uri: True,
    )


def _password(line: LineConfig) -> str:
    """The registrar's. Raises ConfigError."""
    if line.registrar is None or line.registrar.password:
        return line.registrar.password if line.registrar else ""
    name = "".join(char if char.isalnum() else "_" for char in line.name.upper())
    return secret(line.registrar.password_file, f"CALLCENTER_SIP_{name}")


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


def recorder_of(config: Config) -> WavRecorder | TwoRecorders:
    """What records the calls, in one folder or two."""
    originals = originals_of(config, seal_of(config))
    recorder = WavRecorder(config.recordings, keep=originals.keep if originals else None)
    if not config.recordings_second:
        return recorder
    return TwoRecorders(recorder, WavRecorder(config.recordings_second))


def originals_of(config: Config, seal: Seal) -> Originals | None:
    """What keeps what is hidden in recordings, where the house wants that."""
    return Originals(Path(config.recordings), seal) if config.privacy.keep_originals else None


def hiding_of(config: Config) -> Hiding:
    """What numbers are hidden, and what hides them in recordings that are closed."""
    recordings, originals = recordings_of(config), originals_of(config, seal_of(config))

    def hide(path: str, spans: Sequence[Hidden]) -> RecordingInfo:
        file = recordings.folder / path
        if not file.exists() and (far := recordings.far(path)):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with far.open() as kept:
                file.touch(0o600)
                file.write_bytes(kept.read())
        if config.recordings_second and (Path(config.recordings_second) / path).exists():
            hide_in(Path(config.recordings_second), path, spans)
        return hide_in(recordings.folder, path, spans, originals.keep if originals else None)

    return Hiding(frozenset(config.privacy.redact), hide)


def outliner_of(folder: Path, store: Store) -> Outliner:
    """What measures the recordings in this folder for their waveforms."""

    def measure(path: str) -> bytes:
        return outline.kept(folder / path)

    def newest() -> list[str]:
        """Those that lie here: not in an archive, not on another node."""
        return [path for path in recordings.newest(store, OUTLINED) if (folder / path).exists()]

    return Outliner(measure, newest)


def recordings_of(config: Config) -> Recordings:
    """The door to the recordings. Raises ConfigError for a secret that cannot be read,
    MissingPiece, ArchiveAway for an archive that cannot be."""
    archive, folder = config.archive, Path(config.recordings)
    second = Path(config.recordings_second) if config.recordings_second else None
    if not archive.url:
        return Recordings(folder, second=second)
    key = archive.key or os.environ.get("CALLCENTER_ARCHIVE_KEY", "")
    opens = key, secret(archive.secret_file, "CALLCENTER_ARCHIVE_SECRET")
    place = Place(*archive.place, archive.endpoint, archive.region, *opens, archive.bucket_in_host)
    return Recordings(folder, S3Archive(place), second)


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
        config.retention.terms(),
        config.retention.wall if config.retention.carry_out else None,
    )
