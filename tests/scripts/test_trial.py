"""Rules on whole calls, with and without a draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.core.errors import PackError
from callcenter.core.records import CallerHistory, Known, Noticed, Party, Segment
from callcenter.core.trials import Draft, HeardCall
from callcenter.scripts.book import read_packs
from callcenter.scripts.pack import parse_pack
from callcenter.scripts.trial import Trial, problems, read_draft


def pack(group: str, *rules: str) -> str:
    return f'group = "{group}"\n' + "\n".join(f"[[rule]]\n{rule}" for rule in rules)


INSULT = 'name = "insult"\ncategory = "insult"\nseverity = 4\nwhy = "骂人"\nphrases = ["滚蛋"]'
REFUND = 'name = "refund"\ncategory = "refund"\nseverity = 3\nphrases = ["退钱"]'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "h.toml").write_text(pack("harassment", INSULT), "utf-8")
    (tmp_path / "c.toml").write_text(pack("complaint", REFUND), "utf-8")
    return tmp_path


def call(*texts: str, end_ms: int = 60_000, **more: object) -> HeardCall:
    segments = tuple(
        Segment(Party.CALLER, 10_000 * i, 10_000 * i + 2000, text) for i, text in enumerate(texts)
    )
    return HeardCall(segments, end_ms, **more)  # type: ignore[arg-type]


def test_a_call_is_judged_by_all_that_is_said_in_it(folder: Path) -> None:
    trial = Trial(read_packs(folder))
    judged = trial.judge(call("我要退钱", "你滚蛋"))
    assert (judged.label, [hit.rule for hit in judged.hits]) == ("harassment", ["refund", "insult"])
    assert trial.judge(call("我要退钱")).label == "complaint"
    assert trial.judge(call("你好")).label == "ordinary"
    assert trial.judge(call()).hits == ()


def test_what_only_the_end_decides_and_what_was_known_or_ticked_count() -> None:
    rules = parse_pack(
        pack(
            "harassment",
            INSULT.replace("phrases", "within_last_s = 5\nphrases"),
            'name = "often"\ncategory = "insult"\ncalls_24h = 3\nphrases = ["喂喂"]',
            'name = "laughs"\ncategory = "insult"\nticked = ["laughter"]',
        ),
        "p.toml",
    )
    trial = Trial(rules)
    known = Known(CallerHistory(calls_24h=3))
    tick = Noticed("laughter", Party.CALLER, 500, 500)
    assert [h.rule for h in trial.judge(call("你滚蛋", end_ms=3000)).hits] == ["insult"]
    assert trial.judge(call("你滚蛋", end_ms=60_000)).hits == ()
    assert trial.judge(call("喂喂")).hits == ()
    assert [h.rule for h in trial.judge(call("喂喂", known=known)).hits] == ["often"]
    assert [h.rule for h in trial.judge(call(noticed=(tick,))).hits] == ["laughs"]


def test_rules_are_listed_with_their_file(folder: Path) -> None:
    refund, insult = Trial(read_packs(folder)).listed()
    assert (refund.file, refund.name, refund.group, refund.severity) == (
        "c.toml", "refund", "complaint", 3,
    )  # fmt: skip
    assert (insult.file, insult.category, insult.why) == ("h.toml", "insult", "骂人")


def test_a_draft_replaces_the_pack_of_its_name(folder: Path) -> None:
    draft = Draft("h.toml", pack("harassment", INSULT.replace("滚蛋", "混蛋")))
    trial = Trial(read_draft(draft, folder))
    assert trial.judge(call("你混蛋")).label == "harassment"
    assert trial.judge(call("你滚蛋")).label == "ordinary"
    assert trial.judge(call("我要退钱")).label == "complaint"


def test_a_draft_of_another_name_is_added(folder: Path) -> None:
    more = INSULT.replace("滚蛋", "混蛋").replace('"insult"\ncat', '"insult_2"\ncat')
    trial = Trial(read_draft(Draft("more.toml", pack("harassment", more)), folder))
    assert [trial.judge(call(text)).label for text in ("你混蛋", "你滚蛋")] == ["harassment"] * 2


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("d.toml", "", "d.toml: group is None"),
        ("d.toml", "group = ", "d.toml: not TOML"),
        ("d.toml", pack("harassment"), r"d.toml: has no \[\[rule\]\]"),
        ("d.toml", pack("harassment", INSULT + "\nloudness = 3"), "d.toml: rule 1.*'loudness'"),
        ("d.toml", pack("harassment", INSULT),
         r"d.toml: rule 1 \(insult\): stands in h.toml too"),
        ("h.toml", pack("complaint", INSULT, REFUND),
         r"h.toml: rule 2 \(refund\): stands in c.toml too"),
        ("h.toml", pack("harassment", INSULT, INSULT), "rule 'insult' stands twice"),
    ],
)  # fmt: skip
def test_a_bad_draft_is_refused(folder: Path, name: str, text: str, told: str) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(PackError, match=told):
        read_draft(Draft(name, text), folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_every_problem_of_the_packs_is_told(folder: Path) -> None:
    assert problems(folder) == []
    (folder / "a.toml").write_text("group = 1", "utf-8")
    (folder / "b.toml").write_text("no", "utf-8")
    (folder / "z.toml").write_text(pack("complaint", REFUND), "utf-8")
    bad, worse, twice = problems(folder)
    assert "a.toml: group is 1" in bad
    assert "b.toml: not TOML" in worse
    assert "'refund' stands twice" in twice


def test_the_judge_is_asked_what_the_caller_said(folder: Path) -> None:
    asked: list[str] = []

    def score(text: str) -> dict[str, float]:
        asked.append(text)
        sure = 0.9 if "坏" in text else 0.05
        return {"harassment": sure, "complaint": 0.05, "ordinary": 0.95 - sure}

    trial = Trial(read_packs(folder), score)
    agent = Segment(Party.AGENT, 0, 900, "您好")
    caller = Segment(Party.CALLER, 1000, 1900, "坏东西")
    silent = Segment(Party.CALLER, 2000, 2000, "")
    judged = trial.judge(HeardCall((agent, caller, silent), 5000))
    assert (judged.label, judged.hits, asked) == ("harassment", (), ["坏东西"])
    assert trial.judge(HeardCall((agent,), 5000)).label == "ordinary"
