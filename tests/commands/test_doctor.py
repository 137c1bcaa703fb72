"""`callcenter doctor` and the command line's manners."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.conftest import RunCallcenter


def test_the_doctor_names_what_is_there(run_callcenter: RunCallcenter, tmp_path: Path):
    file = tmp_path / "c.toml"
    file.write_text(
        "[web]\nport = 0\n[[line]]\nport = 0\n"
        '[[agent]]\nnumber = "1"\nname = "a"\nvoice = "browser"\n',
        "utf-8",
    )
    done = run_callcenter("doctor", "--config", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    for what in (
        "Python",
        "model",
        "call scripts",
        "database",
        "recordings",
        "SIP line",
        "headset",
        "browser headset",
    ):
        assert what in done.stdout


def test_the_doctor_names_what_is_missing(run_callcenter: RunCallcenter, tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        file = tmp_path / "c.toml"
        file.write_text(
            f'[recognition]\nmodel = "gone"\n[[line]]\nport = {port}\n[web]\nport = 0\n', "utf-8"
        )
        done = run_callcenter("doctor", "--config", str(file))
    assert done.returncode == 1
    assert "gone" in done.stdout
    assert "answered and recorded all the same" in " ".join(done.stdout.split())
    assert f"127.0.0.1:{port}/udp" in done.stdout


def test_the_doctor_tells_of_own_words(run_callcenter: RunCallcenter, tmp_path: Path):
    file = tmp_path / "c.toml"
    rest = '[web]\nport = 0\n[[line]]\nport = 0\n[recognition]\nwords = ["云雀智能锁"]\n'

    def told(more: str) -> str:
        file.write_text(rest + more, "utf-8")
        kept = {"CALLCENTER_MODELS": str(tmp_path)}
        done = run_callcenter("doctor", "--config", str(file), env=kept)
        return " ".join(done.stdout.split())

    assert "✓ own words 1, of them new to the model: 1" in told("")
    assert "– own words recognition.words: not used, there is no model" in told('model = "none"')
    remote = told('remote = "ws://127.0.0.1:1"')
    assert "– own words recognition.words: not used, because recognition.remote names" in remote
    file.write_text(rest.replace('锁"', '锁:yun2"'), "utf-8")
    done = run_callcenter("serve", "--config", str(file))
    assert done.returncode == 2
    assert "'云雀智能锁:yun2': expected one pinyin syllable" in done.stderr


def test_a_wrong_configuration_is_one_line_and_exit_2(
    run_callcenter: RunCallcenter, tmp_path: Path
):
    file = tmp_path / "c.toml"
    file.write_text("[web]\nprot = 1\n", "utf-8")
    done = run_callcenter("serve", "--config", str(file))
    assert done.returncode == 2
    assert done.stderr == (
        f"callcenter: {file}: web.prot: unknown key; "
        "expected one of those in callcenter.example.toml\n"
    )


def test_a_taken_port_is_named(run_callcenter: RunCallcenter, tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        file = tmp_path / "c.toml"
        file.write_text(f"[web]\nport = 0\n[[line]]\nport = {port}\n", "utf-8")
        done = run_callcenter("serve", "--config", str(file))
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_the_commands(run_callcenter: RunCallcenter):
    done = run_callcenter("--help")
    for command in ("demo", "serve", "transcribe", "match", "render", "doctor"):
        assert command in done.stdout


def test_the_doctor_looks_at_each_transport_and_certificate(
    run_callcenter: RunCallcenter, tmp_path: Path
):
    file = tmp_path / "c.toml"
    file.write_text(
        "[web]\nport = 0\n"
        '[[line]]\nport = 0\ntransport = ["udp", "tcp", "tls"]\n'
        '[line.tls]\nport = 0\ncert = "gone.pem"\n'
        '[line.registrar]\nhost = "pbx.invalid"\nuser = "a"\npassword = "secret"\n'
        '[[line]]\nname = "second"\nhost = "::1"\nport = 0\ntransport = ["tls"]\n'
        "[line.tls]\nport = 0\n"
        '[[line]]\nname = "third"\nengine = "pyvoip"\nport = 0\n',
        "utf-8",
    )
    done = run_callcenter("doctor", "--config", str(file))
    told = " ".join(done.stdout.split())
    assert done.returncode == 1
    for what in ("127.0.0.1:0/udp", "127.0.0.1:0/tcp", "127.0.0.1:0/tls", "[::1]:0/tls"):
        assert f"SIP line {what} is free" in told
    assert f"line main: tls.cert, tls.key: {tmp_path}/gone.pem: No such file" in told
    assert "no such host: pbx.invalid" in told
    assert "line second: only to connect to others" in told
    assert "pyVoIP line third: only takes calls" in told
    assert "secret" not in told
