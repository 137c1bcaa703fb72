"""Packs: good ones are read, bad ones refused with file, entry and reason."""

import pytest

from callcenter.core.errors import PackError
from callcenter.scripts.book import PACKS, read_packs
from callcenter.scripts.pack import parse_pack, unique

GOOD = """
group = "complaint"
[[rule]]
name = "refund"
category = "refund"
phrases = ["退货", "退 款！"]
"""


def test_a_good_pack():
    (rule,) = parse_pack(GOOD, "p.toml")
    assert (rule.name, rule.category, rule.group) == ("refund", "refund", "complaint")
    assert rule.phrases == ("退货", "退款")
    assert (rule.severity, rule.spot, rule.why) == (3, True, "规则 refund")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('group = "complaint"', "group = ", "p.toml: not TOML"),
        ("complaint", "rage", "p.toml: group is 'rage'; expected one of harassment"),
        (
            "[[rule]]",
            "[[rules]]",
            "p.toml: unknown key 'rules'; expected greetings, group, lists, rule, support",
        ),
        ('name = "refund"', "", r"p.toml: rule 1: name is None; expected a name"),
        ('"退货"', '""', r"p.toml: rule 1 \(refund\): phrase '' is too short"),
        ('"退货"', '"退"', "phrase '退' is too short; expected 2 characters or more"),
        ('"退货"', "7", "phrase 7 is too short"),
        ('"退货"', '"我要退款"', "'我要退款' can never add to '退 款！'; remove one"),
        ('["退货", "退 款！"]', "[]", r"rule 1 \(refund\): phrases is \[\]; expected a list"),
        ('category = "refund"', "category = 1", "category is 1; expected a name"),
        (
            "phrases",
            "frases",
            r"rule 1: unknown key 'frases'; expected all, and, any, calls_24h, category",
        ),
        ("phrases", "severity = 6\nphrases", "severity is 6; expected 1 to 5"),
        ("phrases", "severity = true\nphrases", "severity is True; expected 1 to 5"),
        ("phrases", "why = ''\nphrases", "why is ''; expected a name or sentence"),
        ("phrases", "spot = 1\nphrases", "spot is 1; expected true or false"),
        ("phrases", "louder = 3\nphrases", r"rule 1: unknown key 'louder'; expected"),
    ],
)
def test_a_bad_pack_is_refused_with_file_entry_and_reason(old: str, new: str, reason: str):
    with pytest.raises(PackError, match=reason):
        parse_pack(GOOD.replace(old, new), "p.toml")


def test_no_rules_at_all():
    with pytest.raises(PackError, match="has no"):
        parse_pack('group = "complaint"', "p.toml")
    with pytest.raises(PackError, match="rule 1: is 3; expected a table"):
        parse_pack('group = "complaint"\nrule = [3]', "p.toml")


def test_a_name_stands_once():
    with pytest.raises(PackError, match="'refund' stands twice"):
        unique(parse_pack(GOOD, "a") + parse_pack(GOOD, "b"))


def test_the_bundled_packs_cover_what_the_handbooks_name():
    categories = {rule.category for rule in read_packs(PACKS)}
    assert {"sexual", "insult", "threat", "prank"} <= categories
    assert {"quality", "delivery", "refund", "attitude", "repeated_contact"} <= categories
    assert {"escalation", "suggestion"} <= categories


def test_too_much_in_one_pack():
    head = 'group = "complaint"\n[lists]\na = ' + str([f"词{i:04}" for i in range(1900)])
    rule = '\n[[rule]]\nname = "r{}"\ncategory = "c"\nphrases = ["{}[a]"]'
    parse_pack(head + "".join(rule.format(i, i) for i in range(10)), "p.toml")
    with pytest.raises(PackError, match=r"p.toml: stands for 20900 phrases; expected 20000"):
        parse_pack(head + "".join(rule.format(i, i) for i in range(11)), "p.toml")


def test_nothing_but_brackets_is_no_toml():
    with pytest.raises(PackError, match="not TOML"):
        parse_pack("a = " + "[" * 5000, "p.toml")
