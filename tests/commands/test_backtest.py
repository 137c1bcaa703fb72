"""`callcenter rules backtest` over a store that people have judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from callcenter.store.sql import Store
from tests.casework.kept import NOON, Kept
from tests.commands.terminal import shown
from tests.conftest import RunCallcenter

DAY = timedelta(days=1)
INSULT = """group = "harassment"
[[rule]]
name = "insult"
category = "insult"
severity = 4
phrases = ["滚蛋"]
"""
REFUND = """group = "complaint"
[[rule]]
name = "refund"
category = "refund"
severity = 3
phrases = ["退钱"]
"""
DRAFT = INSULT.replace('"滚蛋"', '"混蛋"')


class Service:
    """The folder of a service, and what can change in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "c.toml"
        self.config.write_text('[scripts]\npacks = "packs"\n', "utf-8")
        self.packs = folder / "packs"
        self.packs.mkdir()
        (self.packs / "h.toml").write_text(INSULT, "utf-8")
        (self.packs / "c.toml").write_text(REFUND, "utf-8")
        self.drafts = folder / "drafts"
        self.drafts.mkdir()
        with closing(Store(folder / "data" / "callcenter.db")) as store:
            store.upgrade()
            kept = Kept(store)
            kept.call("rude", "你滚蛋", verdict="harassment", at=NOON)
            kept.call("sly", "你混蛋", verdict="harassment", at=NOON + DAY)
            kept.call("pies", "我点了滚蛋饺子", verdict="ordinary", at=NOON + 2 * DAY)
            kept.call("refund", "我要退钱", at=NOON + 3 * DAY, number="13912345678")

    def draft(self, name: str, text: str) -> str:
        file = self.drafts / name
        file.write_text(text, "utf-8")
        return str(file)

    def state(self) -> dict[str, str]:
        """Every file but the store's two helpers, by its content."""
        files = (f for f in self.folder.rglob("*") if f.is_file() and f.suffix not in (".json",))
        return {
            str(file.relative_to(self.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
            if not file.name.endswith(("-wal", "-shm"))
        }


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    return Service(tmp_path)


def words(service: Service, *more: str) -> list[str]:
    return ["rules", "backtest", "--config", str(service.config), "--rules-only", *more]


def test_the_rules_in_force_against_verdicts(run_callcenter: RunCallcenter, service: Service):
    before = service.state()
    done = run_callcenter(*words(service))
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == ("4 calls, 4 segments, 3 judged by people; tried the rules in force")
    assert (
        "in force: label harassment, told 2, misses 1, false alarms 1, "
        "precision 50.0 % (9.5 to 90.5; 1 of 2), recall 50.0 % (9.5 to 90.5; 1 of 2)"
    ) in lines
    assert "in force: label complaint, told 1, misses 0, false alarms 0, precision -, recall -" in (
        lines
    )
    assert "in force, told: verdict ordinary, harassment 1, complaint 0, ordinary 0" in lines
    assert "rules: rule insult, hits 2, calls 2, right 1, wrong 1" in lines
    wrong = [line for line in lines if line.startswith("wrong, in force: ")]
    assert ["pies" in wrong[0], "sly" in wrong[1], len(wrong)] == [True, True, 2]
    assert "verdict ordinary, label harassment, rules insult" in wrong[0]
    assert not [line for line in lines if line.startswith("changed")]
    assert service.state() == before


def test_a_draft_in_place_of_a_pack(run_callcenter: RunCallcenter, service: Service):
    before = service.state()
    out = service.folder / "out.json"
    draft = service.draft("h.toml", DRAFT)
    done = run_callcenter(*words(service, "--pack", draft, "--json", str(out)))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].endswith("tried the rules in force and h.toml; 3 calls changed")
    changed = [line for line in lines if line.startswith("changed: ")]
    assert [line.partition("number ")[2] for line in changed] == [
        "138****0001, verdict ordinary, label harassment -> ordinary, rules -insult",
        "138****0001, verdict harassment, label ordinary -> harassment, rules +insult",
        "138****0001, verdict harassment, label harassment -> ordinary, rules -insult",
    ]
    assert "rules: rule insult, hits 2 -> 1, calls 2 -> 1, right 1, wrong 1 -> 0" in lines
    told = json.loads(out.read_text("utf-8"))
    assert (told["draft_file"], told["calls"], told["judged"]) == ("h.toml", 4, 3)
    assert [one["call_id"] for one in told["changed"]] == ["pies", "sly", "rude"]
    assert told["draft"]["labels"]["harassment"]["precision"]["value"] == 1.0
    assert "13912345678" not in out.read_text("utf-8") + done.stdout
    assert {k: v for k, v in service.state().items() if not k.startswith("drafts")} == before


def test_a_draft_beside_the_packs(run_callcenter: RunCallcenter, service: Service):
    draft = service.draft("more.toml", DRAFT.replace('"insult"\ncat', '"insult_2"\ncat'))
    done = run_callcenter(*words(service, "--pack", draft))
    (changed,) = [line for line in done.stdout.splitlines() if line.startswith("changed: ")]
    assert "call sly" in changed
    assert changed.endswith("rules +insult_2")


def test_the_days_and_the_number_of_calls(run_callcenter: RunCallcenter, service: Service):
    day = (NOON + 2 * DAY).astimezone().date()
    for more, first in (
        (("--since", str(day)), "2 calls, 2 segments, 1 judged"),
        (("--limit", "3"), "3 calls, 3 segments, 2 judged"),
        (("--since", "2100-01-01"), "0 calls, 0 segments, 0 judged"),
    ):
        done = run_callcenter(*words(service, *more))
        assert done.stdout.startswith(first), done.stderr


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("d.toml", INSULT, "d.toml: rule 1 (insult): stands in h.toml too"),
        ("h.toml", INSULT + "loudness = 3\n", "h.toml: rule 1: unknown key 'loudness'"),
        ("h.toml", "group = ", "h.toml: not TOML"),
        ("h.toml", INSULT.replace("滚蛋", ""), "h.toml: rule 1 (insult): "),
    ],
)
def test_a_draft_with_an_error_leaves_everything_as_it_was(
    run_callcenter: RunCallcenter, service: Service, name: str, text: str, told: str
):
    out = service.folder / "out.json"
    draft = service.draft(name, text)
    before = service.state()
    done = run_callcenter(*words(service, "--pack", draft, "--json", str(out)))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"callcenter: {told}")
    assert not out.exists()
    assert service.state() == before


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (("--pack", "none.toml"), 2, "none.toml: cannot be read"),
        (("--json", "nowhere/out.json"), 2, "expected a file in a folder that is there"),
        (("--json", "."), 2, "expected a file"),
        (("--limit", "0"), 2, "expected a number of calls"),
        (("--limit", "-3"), 2, "expected"),
        (("--since", "soon"), 2, "expected a date"),
    ],
)
def test_what_cannot_be_done_is_told(
    run_callcenter: RunCallcenter, service: Service, more: tuple[str, ...], code: int, told: str
):
    done = run_callcenter(*words(service, *more))
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr.splitlines()[-1]


def test_no_database_is_made(run_callcenter: RunCallcenter, tmp_path: Path):
    file = tmp_path / "c.toml"
    file.write_text("", "utf-8")
    done = run_callcenter("rules", "backtest", "--config", str(file))
    assert done.returncode == 1
    assert "there is no database" in done.stderr
    assert not (tmp_path / "data").exists()


def test_what_a_pack_is_called_cannot_break_a_line(run_callcenter: RunCallcenter, service: Service):
    name = '"in[bold]sult\\u001b[2J"'
    (service.packs / "h.toml").write_text(INSULT.replace('"insult"\ncat', f"{name}\ncat"), "utf-8")
    done = run_callcenter(*words(service))
    assert "\x1b" not in done.stdout
    assert "rule in[bold]sult?[2J, hits 2" in done.stdout


def test_a_person_sees_tables(service: Service):
    draft = service.draft("h.toml", DRAFT)
    code, seen = shown(words(service, "--pack", draft), 160)
    assert code == 0
    assert "4/4" in seen
    assert "━" in seen
    assert "harassment -> ordinary" in seen
    assert "changed: " not in seen


def test_the_judge_is_asked_unless_told_otherwise(run_callcenter: RunCallcenter, service: Service):
    """What the service makes of a call, the back-test makes of it: no rule knows these words."""
    with closing(Store(service.folder / "data" / "callcenter.db")) as store:
        Kept(store).call(
            "lewd", "想跟你睡一觉，你多少钱一晚上", verdict="harassment", at=NOON - DAY
        )
    alone = run_callcenter(*words(service))
    asked = run_callcenter("rules", "backtest", "--config", str(service.config))
    assert "call lewd" in alone.stdout
    assert "call lewd" not in asked.stdout
