"""The configuration file (TOML), checked as it is read; callcenter.example.toml has every key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from callcenter.core.errors import ConfigError

Port = Field(ge=0, le=65535)
Transport = Literal["udp", "tcp", "tls"]
OWN_WORD = re.compile(r"[\u4e00-\u9fff]{2,12}(:[a-zü]+[1-5]( [a-zü]+[1-5])*)?")
"""A word of hanzi, with its reading where the usual one is wrong: 重明:chong2 ming2"""
MESSAGES = {"extra_forbidden": "unknown key; expected one of those in callcenter.example.toml"}


class Table(BaseModel):
    """A table of the file: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Registrar(Table):
    """Where a line registers (RFC 3261 §10)."""

    host: str
    port: int = Field(5060, ge=1, le=65535)
    user: str
    password: str
    expires: int = Field(300, ge=60, le=86400)
    """Seconds."""
    transport: Transport = "udp"


class TlsConfig(Table):
    """TLS of a line; files are in PEM form."""

    port: int = Field(5061, ge=0, le=65535)
    cert: str = ""
    """Our certificate with its chain; without one we only connect to others."""
    key: str = ""
    ca: str = ""
    """Who signed the certificates of others; the system's list where empty."""
    verify: bool = True
    """Whether the certificates of others are checked."""

    @model_validator(mode="after")
    def _both_or_none(self) -> TlsConfig:
        if self.key and not self.cert:
            raise ValueError("key is given; expected cert, too")
        return self


class LineConfig(Table):
    """A SIP line (线路)."""

    name: str = "main"
    engine: Literal["own", "pyvoip"] = "own"
    """Who does the signalling; pyVoIP, an extra, only takes calls."""
    host: str = "127.0.0.1"
    port: int = Field(5060, ge=0, le=65535)
    advertise: str = ""
    """The address told to the far end, where it differs: behind NAT, or with host 0.0.0.0."""
    rtp_ports: tuple[int, int] | None = Field(None, strict=False)
    """First and last UDP port for sound; the system chooses where absent."""
    codecs: tuple[Literal["PCMU", "PCMA", "G722"], ...] = Field(("PCMU", "PCMA"), strict=False)
    srtp: Literal["off", "offered", "required"] = "offered"
    """Encrypted sound: over TLS alone, or for every call, whoever can read its keys."""
    transport: tuple[Transport, ...] = Field(("udp",), strict=False, min_length=1)
    """What the line speaks; the first where a URI says nothing else."""
    tls: TlsConfig = TlsConfig()
    allow: tuple[str, ...] = Field((), strict=False)
    """Networks that may speak to the line, besides its registrar; any where empty."""
    rate: int = Field(200, ge=0, le=100_000)
    """So many messages a second that belong to no call may come from one source; 0: any number."""
    max_calls: int = Field(100, ge=1)
    auto_answer: str = ""
    """Number of the agent for whom this line's calls are answered at once."""
    registrar: Registrar | None = None

    @field_validator("allow")
    @classmethod
    def _networks(cls, allow: tuple[str, ...]) -> tuple[str, ...]:
        for network in allow:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError(
                    f"{network!r}: expected an address or a network such as '192.0.2.0/24'"
                ) from None
        return allow

    @model_validator(mode="after")
    def _registrar_is_reached(self) -> LineConfig:
        if self.registrar and self.registrar.transport not in self.transport:
            raise ValueError(
                f"registrar.transport is {self.registrar.transport!r}; expected one of the line's: "
                f"{', '.join(self.transport)}"
            )
        return self


class AgentConfig(Table):
    """A person who takes calls (座席)."""

    number: str
    name: str
    voice: Literal["headset", "phone", "browser", "none"] = "headset"
    device: str = ""
    """Part of the sound device's name; the system's default device where empty."""
    phone: str = ""
    """The agent's own telephone: a SIP URI, or a number that the line's registrar knows."""
    line: str = ""
    """The line that rings the telephone; the first one where empty."""
    ring_seconds: int = Field(20, ge=5, le=120)
    """So long the telephone rings; then the call rings on for others."""

    @model_validator(mode="after")
    def _phone_is_named(self) -> AgentConfig:
        if (self.voice == "phone") != bool(self.phone):
            raise ValueError('voice = "phone" and phone = "sip:…" belong together')
        return self


class WebConfig(Table):
    """The pages and the API."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = Field((), strict=False)
    """Names by which browsers may reach it, besides the loopback ones."""
    voice_host: str = ""
    """The address at which the sound of headsets at browsers comes in; `host` where empty."""


class RecognitionConfig(Table):
    """The recogniser."""

    model: str = ""
    """A Vosk model folder; else $CALLCENTER_MODEL, else the bundled one."""
    workers: int = Field(2, ge=1, le=64)
    remote: str = Field("", pattern=r"^(wss?://\S+)?$")
    """A vosk-server that recognises instead, such as ws://192.0.2.1:2700."""
    spotting: bool = False
    """Also listen for the call scripts' phrases as such; only a model that is calibrated for it."""
    words: tuple[str, ...] = Field((), strict=False, max_length=2000)
    """Words of the site's own, product names above all, which the model shall know too."""

    @field_validator("words")
    @classmethod
    def _hanzi(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if not OWN_WORD.fullmatch(word):
                raise ValueError(
                    f"{word!r}: expected 2 to 12 hanzi, and after a colon, if needed, a pinyin "
                    "syllable with its tone for each: '重明:chong2 ming2'"
                )
        return words


class DeskConfig(Table):
    """When the desk speaks up."""

    silence_seconds: int = Field(12, ge=3, le=600)
    prompt_a_tries: int = Field(3, ge=1, le=100)
    """After so many prompts A to a number, prompt B is proposed."""
    block_after: int = Field(3, ge=1, le=1000)
    """A block is proposed from so many harassing attempts in 30 days on."""
    confirm: Literal["agent", "supervisor"] = "agent"
    """Who confirms the end of a call."""
    supervisors: tuple[str, ...] = Field((), strict=False)
    """Who decides on blocks and joins calls; anybody who gives a name where empty."""
    transfer_seconds: int = Field(20, ge=5, le=120)
    """So long a transfer's target rings; then the call comes back."""

    @model_validator(mode="after")
    def _somebody_confirms(self) -> DeskConfig:
        if self.confirm == "supervisor" and not self.supervisors:
            raise ValueError('confirm is "supervisor"; expected at least one name in supervisors')
        return self


class ScriptsConfig(Table):
    """The call scripts."""

    packs: str = ""
    """A folder of pattern packs; the bundled Chinese ones where empty."""
    cards: str = ""
    """A folder of cards with words to say; the bundled ones where empty."""


class Config(Table):
    """The whole file. Paths are relative to the folder of the file."""

    data: str = "data"
    recordings: str = "recordings"
    web: WebConfig = WebConfig()
    line: tuple[LineConfig, ...] = Field((LineConfig(),), strict=False)
    agent: tuple[AgentConfig, ...] = Field(
        (AgentConfig(number="1001", name="座席一"),), strict=False
    )
    recognition: RecognitionConfig = RecognitionConfig()
    desk: DeskConfig = DeskConfig()
    scripts: ScriptsConfig = ScriptsConfig()

    @model_validator(mode="after")
    def _names_fit(self) -> Config:
        numbers = [agent.number for agent in self.agent]
        names = [line.name for line in self.line]
        if len(set(numbers)) < len(numbers) or len(set(names)) < len(names):
            raise ValueError("line names and agent numbers must be unique")
        for line in self.line:
            if line.auto_answer and line.auto_answer not in numbers:
                raise ValueError(
                    f"line {line.name!r}: auto_answer is {line.auto_answer!r}; "
                    f"expected an agent's number: {', '.join(numbers)}"
                )
        for agent in self.agent:
            if agent.line and agent.line not in names:
                raise ValueError(
                    f"agent {agent.number!r}: line is {agent.line!r}; "
                    f"expected a line's name: {', '.join(names)}"
                )
        return self

    @model_validator(mode="after")
    def _telephones_can_be_rung(self) -> Config:
        engines = {line.name: line.engine for line in self.line}
        for agent in self.agent:
            by = agent.line or next(iter(engines), "")
            if agent.voice == "phone" and engines.get(by) == "pyvoip":
                raise ValueError(
                    f"agent {agent.number!r}: line {by!r} cannot ring a telephone "
                    '(engine = "pyvoip"); expected one with engine = "own"'
                )
        return self


def load(file: Path) -> Config:
    """Read and check a configuration file; its relative paths become absolute.

    Raises ConfigError, one line: the file, the key, what is expected.
    """
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from None
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        raise ConfigError(f"{file}: {_first(error)}") from None
    return rooted(config, file.resolve().parent)


def rooted(config: Config, folder: Path) -> Config:
    """The configuration with its relative paths taken from `folder`."""

    def path(value: str) -> str:
        return str(folder / value) if value else ""

    return config.model_copy(
        update={
            "data": path(config.data),
            "recordings": path(config.recordings),
            "line": tuple(_rooted_line(line, path) for line in config.line),
            "recognition": config.recognition.model_copy(
                update={"model": path(config.recognition.model)}
            ),
            "scripts": ScriptsConfig(
                packs=path(config.scripts.packs), cards=path(config.scripts.cards)
            ),
        }
    )


def _rooted_line(line: LineConfig, path: Callable[[str], str]) -> LineConfig:
    files = {name: path(getattr(line.tls, name)) for name in ("cert", "key", "ca")}
    return line.model_copy(update={"tls": line.tls.model_copy(update=files)})


def _first(error: ValidationError) -> str:
    """The first mistake as `key: what is expected, got …`."""
    mistake = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in mistake["loc"])
    message = MESSAGES.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
    message = message.replace("Input should be", "expected").replace("Field required", "missing")
    plain = key and mistake["type"] not in MESSAGES and isinstance(mistake["input"], str | int)
    got = f", got {mistake['input']!r}" if plain else ""
    return f"{key}: {message}{got}" if key else message
