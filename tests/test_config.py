"""The configuration file: the example is the default, and mistakes are told in one line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from callcenter.config import Config, load, rooted
from callcenter.core.errors import ConfigError
from callcenter.core.hours import Hours

ROOT = Path(__file__).parent.parent


def test_the_example_documents_every_key_with_its_default():
    example = ROOT / "callcenter.example.toml"
    assert load(example) == rooted(Config(), ROOT)
    text = example.read_text("utf-8")
    for name, field in _keys(Config):
        assert f"{name} = " in text or f"{name}]" in text, f"{name} ({field}) is not in the example"


def _keys(model, prefix=""):
    for name, field in model.model_fields.items():
        yield name, prefix + name
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(inner, "model_fields"):
                yield from _keys(inner, f"{prefix}{name}.")


def test_paths_are_taken_from_the_files_folder(tmp_path: Path):
    file = tmp_path / "c.toml"
    text = 'data = "d"\n[recognition]\nmodel = "/m"\n[[line]]\n[line.tls]\ncert = "c"\nkey = "/k"\n'
    file.write_text(text, "utf-8")
    config = load(file)
    assert config.data == str(tmp_path / "d")
    assert config.recognition.model == "/m"
    assert config.scripts.packs == ""
    tls = config.line[0].tls
    assert (tls.cert, tls.key, tls.ca) == (str(tmp_path / "c"), "/k", "")


PHONE = '[[agent]]\nnumber = "1"\nname = "a"\nvoice = "phone"\nphone = "sip:1@127.0.0.1"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "colour: unknown key; expected one of those in callcenter.example.toml"),
        ('[web]\nport = "a"', "web.port: expected a valid integer, got 'a'"),
        ("[web]\nport = 99999", "web.port: expected less than or equal to 65535, got 99999"),
        (
            '[[line]]\ncodecs = ["G729"]',
            "line.0.codecs.0: expected 'PCMU', 'PCMA' or 'G722', got 'G729'",
        ),
        ('[[line]]\nauto_answer = "7"', "line 'main': auto_answer is '7'; expected an agent's"),
        ('[[line]]\n[line.registrar]\nhost = "a"\npassword = "secret"', "line.0.registrar.user: m"),
        ("[[line]]\n[[line]]", "line names and agent numbers must be unique"),
        ('[[line]]\nengine = "asterisk"', "line.0.engine: expected 'own' or 'pyvoip', got 'asteri"),
        (
            '[[line]]\nengine="pyvoip"\n[[agent]]\nnumber="7"\nname="李"\nvoice="phone"\nphone="sip:a@b"',
            "agent '7': line 'main' cannot ring a telephone",
        ),
        ('[[line]]\ntransport = ["sctp"]', "line.0.transport.0: expected 'udp', 'tcp' or 'tls', g"),
        ("[[line]]\ntransport = []", "line.0.transport: Tuple should have at least 1 item"),
        ('[[line]]\nallow = ["192.0.2.0/33"]', "line.0.allow: '192.0.2.0/33': expected an addres"),
        ("[[line]]\nrate = -1", "line.0.rate: expected greater than or equal to 0, got -1"),
        ('[[line]]\n[line.tls]\nkey = "k"', "line.0.tls: key is given; expected cert, too"),
        ('[[line]]\n[line.tls]\nclient_ca = "c"', "line.0.tls: client_ca is given; expected cert"),
        ("[[line]]\nkeep_alive = -1", "line.0.keep_alive: expected greater than or equal to 0"),
        (
            '[[line]]\n[line.registrar]\nhost = "a"\nuser = "b"\npassword = "c"\ntransport = "tcp"',
            "line.0: registrar.transport is 'tcp'; expected one of the line's: udp",
        ),
        ("line = 3", "line: expected a list: […], or for tables [[…]]"),
        (f'{PHONE}line = "b"', "agent '1': line is 'b'; expected a line's name: main"),
        (PHONE.replace("phone = ", "device = "), 'agent.0: voice = "phone" and phone = "sip:'),
        ('[recognition]\nwords = ["锁"]', "recognition.words: '锁': expected 2 to 12 hanzi, and"),
        ('[recognition]\nwords = ["云雀Pro"]', "recognition.words: '云雀Pro': expected 2 to 12"),
        ('[recognition]\nwords = ["云雀\\n"]', "recognition.words: '云雀\\n': expected 2 to 12"),
        ('[recognition]\nwords = ["重明:chong ming"]', "recognition.words: '重明:chong ming': e"),
        ("[recognition]\nwords = [3]", "recognition.words.0: expected a valid string, got 3"),
        ('[recognition]\nwords = "云雀"', "recognition.words: expected a list: […]"),
        ('[desk]\nconfirm = "boss"', "desk.confirm: expected 'agent' or 'supervisor', got 'boss'"),
        ('[desk]\nconfirm = "supervisor"', 'desk: confirm is "supervisor"; expected at least one'),
        ("[desk]\nprompt_a_tries = 0", "desk.prompt_a_tries: expected greater than or equal to 1"),
        ('[desk]\nsupervisors = "王芳"', "desk.supervisors: expected a list: […]"),
        ('[hours]\nmon = ["9-18"]', "hours.mon: '9-18': expected from and until, such as '09:00-1"),
        ('[hours]\ntue = ["18:00-09:00"]', "hours.tue: '18:00-09:00': expected from and until"),
        (
            '[hours]\nsun = ["13:00-18:00", "09:00-14:00"]',
            "hours.sun: 13:00-18:00, 09:00-14:00: expected spans one after the other",
        ),
        ('[hours]\nholidays = ["today"]', "hours.holidays.0: expected a valid date, got 'today'"),
        ('[hours]\nzone = "../etc"', "hours.zone: expected a zone that this machine knows: 'Asia"),
        (
            '[[line]]\n[line.login]\nwho = "nobody"',
            "line.0.login.who: expected 'everybody' or",
        ),
        (
            "[[line]]\n[line.login]\nalgorithms = []",
            "line.0.login.algorithms: Tuple should have",
        ),
        ('[[line]]\n[line.login]\nrealm = "a\\nb"', "line.0.login.realm: "),
        ('[outbound]\nbar = ["+"]', "outbound.bar.0: "),
        (
            '[outbound]\nhours = ["8-20"]',
            "outbound.hours: '8-20': expected from and until, suc",
        ),
        (
            "[outbound]\nagent_minutes = 1441",
            "outbound.agent_minutes: expected less than or equal t",
        ),
        ("= 3", "cannot be read"),
    ],
)
def test_a_mistake_is_one_line_with_file_key_and_what_is_expected(
    tmp_path: Path, text: str, told: str
):
    file = tmp_path / "c.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}: {told}")
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_words_of_the_site(tmp_path: Path):
    file = tmp_path / "c.toml"
    words = ("云雀智能锁", "重明:chong2 ming2", "绿叶:lü4 ye4", "小花儿:xiao3 huar1")
    file.write_text(f"[recognition]\nwords = {list(words)}", "utf-8")
    assert load(file).recognition.words == words
    file.write_text(f"[recognition]\nwords = {['云雀'] * 2001}", "utf-8")
    with pytest.raises(ConfigError, match="at most 2000 items"):
        load(file)


def test_no_file(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_the_hours_are_a_clock(tmp_path: Path):
    file = tmp_path / "c.toml"
    days = 'mon = ["09:00-12:00", "13:00-18:00"]\ntue = ["00:00-24:00"]\nsun = []\n'
    rest = 'holidays = [2025-03-10]\nworkdays = [2025-03-16]\nzone = "Asia/Shanghai"\n'
    file.write_text(f"[hours]\n{days}{rest}", "utf-8")
    clock = load(file).hours.clock()
    open_at = {
        "2025-03-03T12:30:00+08:00": False,
        "2025-03-03T13:00:00+08:00": True,
        "2025-03-04T23:59:59+08:00": True,
        "2025-03-09T10:00:00+08:00": False,
        "2025-03-10T10:00:00+08:00": False,
        "2025-03-16T10:00:00+08:00": True,
    }
    assert {at: clock.is_open(datetime.fromisoformat(at)) for at in open_at} == open_at
    assert Config().hours.clock() == Hours()


def test_the_database_is_a_file_unless_a_server_is_named(tmp_path: Path):
    file = tmp_path / "c.toml"
    file.write_text('data = "kept"\n', "utf-8")
    assert load(file).database == tmp_path / "kept" / "callcenter.db"
    url = "postgresql+psycopg://callcenter@db.example/callcenter"
    file.write_text(f'[store]\nurl = "{url}"\n', "utf-8")
    assert load(file).database == url
