from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.chores import couriers_of, webhook_of
from callcenter.config import Config, load
from callcenter.config.webhooks import WebhookConfig
from callcenter.core.errors import ConfigError

CRM = '[[webhook]]\nname = "crm"\nurl = "https://crm.example.com/h"\n'
URL = "expected a URL such as https://crm.example.com/hooks/callcenter"
HERE = "expected https://…; http only to a program of this machine"


def loaded(folder: Path, text: str) -> Config:
    file = folder / "c.toml"
    file.write_text(text, "utf-8")
    return load(file)


def test_what_the_example_says_of_webhooks_is_a_configuration(tmp_path: Path) -> None:
    example = (Path(__file__).parents[2] / "callcenter.example.toml").read_text("utf-8")
    table, _, _ = example[example.index("# [[webhook]]") :].partition("\n\n")
    text = "\n".join(line.removeprefix("# ") for line in table.splitlines())
    (hook,) = loaded(tmp_path, text).webhook
    default = WebhookConfig(name=hook.name, url=hook.url)
    assert hook == default


def test_files_are_taken_from_the_files_folder_and_secrets_from_files_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s").write_text("0" * 32, "utf-8")
    (hook,) = loaded(tmp_path, f'{CRM}secret_file = "s"').webhook
    assert hook.secret_file == str(tmp_path / "s")
    webhook_of(hook).close()
    (bare,) = loaded(tmp_path, CRM.replace('"crm"', '"crm-2"')).webhook
    with pytest.raises(ConfigError, match="webhook crm-2: its secret is too short"):
        webhook_of(bare)
    monkeypatch.setenv("CALLCENTER_WEBHOOK_CRM_2", "1" * 24)
    webhook_of(bare).close()
    with pytest.raises(ConfigError, match="cannot be read"):
        couriers_of(Config(webhook=(hook.model_copy(update={"secret_file": "/no"}),)), None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://crm.example.com/", HERE),
        ("http://192.0.2.9/", HERE),
        ("ftp://127.0.0.1/", HERE),
        ("crm.example.com", URL),
        ("https://me:word@crm.example.com/", URL),
        ("https://crm.example.com/a b", URL),
        ("https://crm.example.com/\\r\\nX: y", URL),
        ("https://客服.example/", URL),
        ("https://crm.example.com:99999/", URL),
        ("https://{secret}.example.com/", URL),
        ("https://[::1", URL),
    ],
)
def test_only_a_safe_address_is_taken(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(ConfigError, match=r"webhook\.0\.url") as caught:
        loaded(tmp_path, CRM.replace("https://crm.example.com/h", url))
    assert told in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8/", "http://localhost/", "http://[::1]:8/"])
def test_a_program_of_this_machine_needs_no_tls(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, CRM.replace("https://crm.example.com/h", url)).webhook[0].url == url


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CRM + 'events = ["calls"]', "webhook.0.events.0: expected 'call', 'flag'"),
        (CRM + "events = []", "webhook.0.events"),
        (CRM.replace('"crm"', '"C R M"'), "webhook.0.name"),
        (CRM + CRM, "names of webhooks must be unique"),
        (CRM + 'form = "zammad"', 'webhook.0: form "zammad" is told of calls only'),
        (CRM + "give_up_days = 0", "webhook.0.give_up_days"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert told in str(caught.value)
