"""The configuration file (TOML), checked as it is read; callcenter.example.toml has every key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from callcenter.config.archive import ArchiveConfig
from callcenter.config.house import (
    CustomersConfig,
    GatewayConfig,
    HoursConfig,
    HouseConfig,
    ReportsConfig,
    ScriptsConfig,
    SmtpConfig,
    StaffConfig,
)
from callcenter.config.keeping import AuditConfig, RetentionConfig, SecretsConfig
from callcenter.config.lines import LineConfig as LineConfig
from callcenter.config.node import NodeConfig
from callcenter.config.outbound import OutboundConfig
from callcenter.config.privacy import PrivacyConfig
from callcenter.config.table import MESSAGES, Table, is_secret
from callcenter.config.webhooks import WebhookConfig
from callcenter.core.errors import ConfigError

OWN_WORD = re.compile(r"[\u4e00-\u9fff]{2,12}(:[a-zü]+[1-5]( [a-zü]+[1-5])*)?")
"""A word of hanzi, with its reading where the usual one is wrong: 重明:chong2 ming2"""


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
    cert: str = ""
    """A certificate chain (PEM): the pages are served over HTTPS."""
    key: str = ""
    """Its private key (PEM)."""

    @model_validator(mode="after")
    def _both_or_neither(self) -> WebConfig:
        if bool(self.cert) != bool(self.key):
            raise ValueError("cert and key belong together")
        return self


class StoreConfig(Table):
    """The database, where it is not the file in `data`."""

    url: str = Field("", repr=False)
    """postgresql+psycopg://name@host/database; a file in `data` where empty."""


class RecognitionConfig(Table):
    """The recogniser."""

    model: str = ""
    """A Vosk model folder; else $CALLCENTER_MODEL, else the bundled one."""
    workers: int = Field(2, ge=1, le=64)
    remote: tuple[Annotated[str, Field(pattern=r"^wss?://[^\s,]+$")], ...] = Field(
        (), strict=False, max_length=100
    )
    """Vosk-servers that recognise instead, such as ws://192.0.2.1:2700: one, or a list."""
    spotting: bool = False
    """Also listen for the call scripts' phrases as such; only a model that is calibrated for it."""
    words: tuple[str, ...] = Field((), strict=False, max_length=2000)
    """Words of the site's own, product names above all, which the model shall know too."""

    @field_validator("remote", mode="before")
    @classmethod
    def _one_or_more(cls, remote: object) -> object:
        return [remote] * bool(remote) if isinstance(remote, str) else remote

    @field_validator("remote")
    @classmethod
    def _each_once(cls, remote: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(remote)) < len(remote):
            raise ValueError("expected each server once")
        return remote

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
    compensation: int = Field(0, ge=0, le=1_000_000)
    """Yuan that an agent may grant a caller without a lead (D20)."""
    drain_seconds: int = Field(600, ge=0, le=86_400)
    """Told to stop, the service waits so long for running calls to end; 0: not at all."""

    @model_validator(mode="after")
    def _somebody_confirms(self) -> DeskConfig:
        if self.confirm == "supervisor" and not self.supervisors:
            raise ValueError('confirm is "supervisor"; expected at least one name in supervisors')
        return self


class Config(Table):
    """The whole file. Paths are relative to the folder of the file."""

    data: str = "data"
    recordings: str = "recordings"
    recordings_second: str = ""
    """A folder on another disk that gets every recording, too; none where empty."""
    store: StoreConfig = StoreConfig()
    secrets: SecretsConfig = SecretsConfig()
    retention: RetentionConfig = RetentionConfig()
    audit: AuditConfig = AuditConfig()
    node: NodeConfig = NodeConfig()
    archive: ArchiveConfig = ArchiveConfig()
    web: WebConfig = WebConfig()
    line: tuple[LineConfig, ...] = Field((LineConfig(),), strict=False)
    agent: tuple[AgentConfig, ...] = Field(
        (AgentConfig(number="1001", name="座席一"),), strict=False
    )
    recognition: RecognitionConfig = RecognitionConfig()
    desk: DeskConfig = DeskConfig()
    scripts: ScriptsConfig = ScriptsConfig()
    house: HouseConfig = HouseConfig()
    hours: HoursConfig = HoursConfig()
    outbound: OutboundConfig = OutboundConfig()
    customers: CustomersConfig = CustomersConfig()
    reports: ReportsConfig = ReportsConfig()
    staff: StaffConfig = StaffConfig()
    smtp: SmtpConfig = SmtpConfig()
    sms: GatewayConfig = GatewayConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    webhook: tuple[WebhookConfig, ...] = Field((), strict=False)

    @property
    def database(self) -> str | Path:
        """A database server's URL, or the file."""
        return self.store.url or Path(self.data) / "callcenter.db"

    @property
    def key_file(self) -> Path:
        """Where the house's key lies, unless it is in the environment."""
        return Path(self.secrets.key_file or Path(self.data) / "callcenter.key")

    @property
    def anchor_file(self) -> Path:
        """Where the ends of the audit trail are written down."""
        return Path(self.audit.anchor_file or Path(self.data) / "audit-anchors.txt")

    @model_validator(mode="after")
    def _names_fit(self) -> Config:
        numbers = [agent.number for agent in self.agent]
        names = [line.name for line in self.line]
        if len(set(numbers)) < len(numbers) or len(set(names)) < len(names):
            raise ValueError("line names and agent numbers must be unique")
        if len({hook.name for hook in self.webhook}) < len(self.webhook):
            raise ValueError("names of webhooks must be unique")
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
    except (OSError, ValueError, RecursionError) as error:
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
            "recordings_second": path(config.recordings_second),
            "web": _with(config.web, cert=path(config.web.cert), key=path(config.web.key)),
            "line": tuple(_rooted_line(line, path) for line in config.line),
            "recognition": config.recognition.model_copy(
                update={"model": path(config.recognition.model)}
            ),
            "scripts": config.scripts.model_copy(
                update={name: path(value) for name, value in config.scripts.model_dump().items()}
            ),
            "node": _with(config.node, ca=path(config.node.ca)),
            "audit": _with(config.audit, anchor_file=path(config.audit.anchor_file)),
            "secrets": _with(config.secrets, key_file=path(config.secrets.key_file)),
            "archive": _with(config.archive, secret_file=path(config.archive.secret_file)),
            "reports": _with(config.reports, folder=path(config.reports.folder)),
            "smtp": _with(config.smtp, password_file=path(config.smtp.password_file)),
            "sms": _with(config.sms, token_file=path(config.sms.token_file)),
            "webhook": tuple(
                _with(hook, secret_file=path(hook.secret_file), ca=path(hook.ca))
                for hook in config.webhook
            ),
        }
    )


def _rooted_line(line: LineConfig, path: Callable[[str], str]) -> LineConfig:
    files = {name: path(getattr(line.tls, name)) for name in ("cert", "key", "ca", "client_ca")}
    tables: dict[str, Table] = {"tls": line.tls.model_copy(update=files)}
    if line.login:
        tables["login"] = _with(line.login, users_file=path(line.login.users_file))
    if line.registrar:
        file = path(line.registrar.password_file)
        tables["registrar"] = _with(line.registrar, password_file=file)
    return line.model_copy(update=tables)


def _with(table: Table, **values: str) -> Table:
    return table.model_copy(update=values)


def _first(error: ValidationError) -> str:
    """The first mistake as `key: what is expected, got …`."""
    mistake = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in mistake["loc"])
    message = MESSAGES.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
    message = message.replace("Input should be", "expected").replace("Field required", "missing")
    plain = key and mistake["type"] not in MESSAGES and isinstance(mistake["input"], str | int)
    plain = plain and not is_secret(str(mistake["loc"][-1]))
    got = f", got {mistake['input']!r}" if plain else ""
    return f"{key}: {message}{got}" if key else message
