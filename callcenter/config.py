"""The configuration file (TOML), checked as it is read; callcenter.example.toml has every key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from callcenter.core.errors import ConfigError

Port = Field(ge=0, le=65535)
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


class LineConfig(Table):
    """A SIP line (线路)."""

    name: str = "main"
    host: str = "127.0.0.1"
    port: int = Field(5060, ge=0, le=65535)
    advertise: str = ""
    """The address told to the far end, where it differs: behind NAT, or with host 0.0.0.0."""
    rtp_ports: tuple[int, int] | None = Field(None, strict=False)
    """First and last UDP port for sound; the system chooses where absent."""
    codecs: tuple[Literal["PCMU", "PCMA"], ...] = Field(("PCMU", "PCMA"), strict=False)
    max_calls: int = Field(100, ge=1)
    auto_answer: str = ""
    """Number of the agent for whom this line's calls are answered at once."""
    registrar: Registrar | None = None


class AgentConfig(Table):
    """A person who takes calls (座席)."""

    number: str
    name: str
    voice: Literal["headset", "none"] = "headset"
    device: str = ""
    """Part of the sound device's name; the system's default device where empty."""


class WebConfig(Table):
    """The pages and the API."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = Field((), strict=False)
    """Names by which browsers may reach it, besides the loopback ones."""


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
    """Who decides on blocks; anybody who gives a name where empty."""

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
            "recognition": config.recognition.model_copy(
                update={"model": path(config.recognition.model)}
            ),
            "scripts": ScriptsConfig(
                packs=path(config.scripts.packs), cards=path(config.scripts.cards)
            ),
        }
    )


def _first(error: ValidationError) -> str:
    """The first mistake as `key: what is expected, got …`."""
    mistake = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in mistake["loc"])
    message = MESSAGES.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
    message = message.replace("Input should be", "expected").replace("Field required", "missing")
    plain = key and mistake["type"] not in MESSAGES and isinstance(mistake["input"], str | int)
    got = f", got {mistake['input']!r}" if plain else ""
    return f"{key}: {message}{got}" if key else message
