"""The banned words of agents: found in their own mouth, and in no other way."""

from __future__ import annotations

import pytest

from callcenter.core.errors import PackError
from callcenter.core.records import BANNED, Party
from callcenter.scripts.book import Book
from callcenter.scripts.pack import parse_pack
from callcenter.scripts.verdict import weigh
from tests.scripts.rules import said

BOOK = Book()
RULE = 'group = "{}"\n[[rule]]\nname = "r"\ncategory = "{}"\n{}\n'


def banned(text: str, party: Party = Party.AGENT) -> list[str]:
    hits = BOOK.listener().heard(said(text, party=party))
    return [hit.text for hit in hits if hit.category == BANNED]


@pytest.mark.parametrize(
    "text",
    [
        "这个我不知道",
        "那不可以的",
        "这个不行",
        "这事不归我管",
        "你自己看着办吧",
        "这是规定没办法",
        "我也没办法",
        "您找别人吧",
        "不行就是不行",
    ],
)
def test_d6_flat_refusals_are_found(text: str) -> None:
    assert banned(text)


@pytest.mark.parametrize(
    "text",
    [
        "你懂不懂最基本的技巧",
        "你怎么用也不会",
        "你听不懂吗",
        "连这个都不会用",
        "你是不是有病",
        "就你事多",
    ],
)
def test_d7_hurtful_phrases_are_found(text: str) -> None:
    assert banned(text)


@pytest.mark.parametrize(
    "text", ["你急什么", "喊什么喊", "您不讲理", "谁让你不看说明书", "刚才不是说了吗"]
)
def test_d8_d10_arguing_is_found(text: str) -> None:
    assert banned(text)


@pytest.mark.parametrize(
    "text",
    [
        "不知道您是哪一年买的",
        "邮编不知道没关系我来填",
        "您看行不行",
        "可不可以麻烦您报一下单号",
        "我帮您想想办法",
        "您不用着急慢慢说",
        "这样不行的话可以换一种办法",
        "听不懂的地方我再给您讲一遍",
        "您想怎么样处理都可以跟我说",
        "谁让您久等了真对不起",
        "我不能给您这样的承诺",
        "这个我没有权限处理",
    ],
)
def test_d6_d7_innocent_sentences_are_not(text: str) -> None:
    assert banned(text) == []


@pytest.mark.parametrize("text", ["这个我不知道", "你听不懂吗", "你急什么"])
def test_d6_a_caller_may_say_all_that(text: str) -> None:
    assert banned(text, Party.CALLER) == []


def test_d6_they_decide_nothing_and_are_not_listened_for_in_the_sound() -> None:
    assert BOOK.group(BANNED) == "agent"
    hits = BOOK.listener().heard(said("你听不懂吗，这事不归我管", party=Party.AGENT))
    assert weigh(hits, BOOK.group).label == "ordinary"
    assert "不知道" not in BOOK.phrases()


def test_the_party_of_such_a_pack_is_the_agent() -> None:
    [rule] = parse_pack(RULE.format("agent", "banned", 'phrases = ["不归我管"]'), "a.toml")
    assert rule.group == "agent"


@pytest.mark.parametrize(
    ("group", "category", "body", "told"),
    [
        ("agent", "attitude", 'phrases = ["不归我管"]', "category is 'attitude' in a pack of"),
        ("complaint", "banned", 'phrases = ["不归我管"]', "category is 'banned' in a pack of"),
        ("agent", "banned", 'phrases = ["不归"]\nparty = "either"', "is about the caller too"),
        ("agent", "banned", "overlap_s = 3", "is about the caller too"),
        ("agent", "banned", "silence = {after_greetings = 2, seconds = 5}", ""),
    ],
)
def test_what_could_flag_a_call_is_refused(group: str, category: str, body: str, told: str) -> None:
    with pytest.raises(PackError) as refused:
        parse_pack(RULE.format(group, category, body), "a.toml")
    assert str(refused.value).startswith("a.toml")
    assert told in str(refused.value)
